//! The JSON Schemas for editors, derived from the types that read the files.
//!
//! They are published in `docs`; `HEARTHLINE_UPDATE=1 cargo test -p hearthline-core schema` writes them anew.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Bot;
use super::sheet::{
    EntitiesSheet, KnowledgeSheet, LanguageSheet, LinesSheet, MemorySheet, PersonaSheet,
    PhrasesSheet, TopicSheet,
};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

/// Where each schema is published, and the schema. The last one is that of topics: of every file that has no name
/// of its own.
fn schemas() -> [(&'static str, Value); 8] {
    [
        ("schemas/language.json", schema::<LanguageSheet>("language.yaml")),
        ("schemas/phrases.json", schema::<PhrasesSheet>("phrases.yaml")),
        ("schemas/entities.json", schema::<EntitiesSheet>("entities.yaml")),
        ("schemas/lines.json", schema::<LinesSheet>("lines.yaml")),
        ("schemas/persona.json", schema::<PersonaSheet>("persona.yaml")),
        ("schemas/memory.json", schema::<MemorySheet>("memory.yaml")),
        ("schemas/knowledge.json", schema::<KnowledgeSheet>("knowledge.yaml")),
        ("dialogs.schema.json", schema::<TopicSheet>("a topic")),
    ]
}

/// Draft 7: what editors understand best.
fn schema<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    schema["title"] = format!("Hearthline: {title}").into();
    schema
}

#[test]
#[allow(clippy::disallowed_methods, reason = "what is published is a file")]
fn the_published_schemas_are_those_of_the_types() {
    let update = std::env::var_os("HEARTHLINE_UPDATE").is_some();
    let mut stale = Vec::new();
    for (file, schema) in schemas() {
        let path = format!("{DOCS}/{file}");
        let wanted = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if update {
            std::fs::write(&path, &wanted).unwrap();
        }
        if std::fs::read_to_string(&path).ok() != Some(wanted) {
            stale.push(path);
        }
    }
    let mend = "HEARTHLINE_UPDATE=1 cargo test -p hearthline-core schema writes them anew";
    assert!(stale.is_empty(), "{stale:?} differ from the types: {mend}");
}

#[test]
fn every_shipped_file_is_valid() {
    let mut wrong = Vec::new();
    for (name, yaml) in Bot::shipped_files().filter(|(name, _)| *name != "sentences.yaml") {
        wrong.extend(mistakes(name, yaml).map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_slip_is_underlined() {
    let (_, yaml) = Bot::shipped_files().find(|(name, _)| *name == "gardening.yaml").unwrap();
    for (right, slip) in [("version: 1", "version: one"), ("else: any", "els: any")] {
        let slipped = yaml.replacen(right, slip, 1);
        assert_ne!(slipped, yaml, "{right} does not stand in the file");
        assert!(mistakes("gardening.yaml", &slipped).is_some(), "{slip}");
    }
}

/// What a validator finds in a file, by the schema of its name.
fn mistakes(name: &str, yaml: &str) -> Option<String> {
    let schemas = schemas();
    let stem = name.trim_end_matches(".yaml");
    let stem = if stem.starts_with("knowledge") { "knowledge" } else { stem };
    let fixed = schemas.iter().find(|(file, _)| *file == format!("schemas/{stem}.json"));
    let (_, schema) = fixed.unwrap_or(&schemas[schemas.len() - 1]);
    // Editors read YAML 1.2, where `on` is a word.
    let options = serde_saphyr::options! { strict_booleans: true };
    let sheet: Value = serde_saphyr::from_str_with_options(yaml, options).unwrap();
    invalid(&sheet, schema, schema)
}

/// Why a value is not as a schema says, with its place; for the keywords that our schemas use, and no others.
fn invalid(value: &Value, schema: &Value, root: &Value) -> Option<String> {
    let Some(keywords) = schema.as_object() else {
        return (schema == false).then(|| format!("nothing may stand here, not {value}"));
    };
    let any = |schemas: &Value| {
        let all: Option<Vec<String>> = list(schemas).map(|one| invalid(value, one, root)).collect();
        all.map(|why| why.join(", or "))
    };
    keywords.iter().find_map(|(keyword, wanted)| match keyword.as_str() {
        "$ref" => {
            let at = wanted.as_str().unwrap().trim_start_matches('#');
            invalid(value, root.pointer(at).unwrap(), root)
        }
        "type" => {
            let kinds = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
            (!kinds.iter().any(|kind| is(value, kind))).then(|| format!("{value} is no {wanted}"))
        }
        "anyOf" | "oneOf" => any(wanted),
        "allOf" => list(wanted).find_map(|one| invalid(value, one, root)),
        "enum" => {
            (!list(wanted).any(|one| one == value)).then(|| format!("{value} is none of {wanted}"))
        }
        "const" => (value != wanted).then(|| format!("{value} is not {wanted}")),
        "minimum" => {
            (value.as_f64() < wanted.as_f64()).then(|| format!("{value} is below {wanted}"))
        }
        "maximum" => {
            (value.as_f64() > wanted.as_f64()).then(|| format!("{value} is above {wanted}"))
        }
        "required" => {
            let missing = list(wanted).find(|key| value.get(key.as_str().unwrap()).is_none());
            missing.map(|key| format!("{key} is missing"))
        }
        "items" => value
            .as_array()?
            .iter()
            .enumerate()
            .find_map(|(at, item)| Some(format!("{at}: {}", invalid(item, wanted, root)?))),
        "properties" => wanted.as_object().unwrap().iter().find_map(|(key, schema)| {
            Some(format!("{key}: {}", invalid(value.get(key)?, schema, root)?))
        }),
        "additionalProperties" => value.as_object()?.iter().find_map(|(key, held)| {
            let known = keywords.get("properties").is_some_and(|all| all.get(key).is_some());
            if known { None } else { Some(format!("{key}: {}", invalid(held, wanted, root)?)) }
        }),
        "$schema" | "title" | "description" | "definitions" | "default" | "format" => None,
        other => panic!("the test does not know the keyword {other}"),
    })
}

fn list(values: &Value) -> std::slice::Iter<'_, Value> {
    values.as_array().expect("a list").iter()
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        // In a list of words `true` is the word, to whoever reads it by its type.
        "string" => value.is_string() || value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the test does not know the type {other}"),
    }
}

//! What Alexa understands for its own intents without samples in the model.

/// Phrases for one of Alexa's own intents; none for any other.
#[must_use]
pub fn phrases(intent: &str) -> &'static [&'static str] {
    match intent {
        "AMAZON.HelpIntent" => &["help", "help me", "i need help", "can you help me"],
        "AMAZON.StopIntent" => {
            &["stop", "stop it", "off", "shut up", "quit", "exit", "that is enough"]
        }
        "AMAZON.CancelIntent" => &["cancel", "cancel it", "never mind", "nevermind", "forget it"],
        "AMAZON.NavigateHomeIntent" => {
            &["home", "go home", "go to the home screen", "home screen", "go to home"]
        }
        "AMAZON.YesIntent" => &[
            "yes",
            "yeah",
            "yep",
            "yup",
            "sure",
            "yes please",
            "of course",
            "ok",
            "okay",
            "correct",
            "right",
            "go ahead",
            "do it",
            "absolutely",
            "certainly",
        ],
        "AMAZON.NoIntent" => {
            &["no", "nope", "nah", "no thanks", "no thank you", "not now", "no way"]
        }
        "AMAZON.RepeatIntent" => &[
            "repeat",
            "repeat that",
            "say that again",
            "say it again",
            "again",
            "pardon",
            "come again",
            "one more time",
        ],
        "AMAZON.StartOverIntent" => &["start over", "restart", "start again", "from the beginning"],
        "AMAZON.NextIntent" => &["next", "skip", "skip it", "skip that", "skip forward"],
        "AMAZON.PreviousIntent" => &["previous", "go back", "back up", "skip back"],
        "AMAZON.PauseIntent" => &["pause", "pause it", "pause that", "pause this"],
        "AMAZON.ResumeIntent" => &["resume", "continue", "keep going", "go on", "carry on"],
        _ => &[],
    }
}

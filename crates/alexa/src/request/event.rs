//! Everything that is not a spoken turn: playback, events, screens, and what is retired.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::request::{Intent, PlayerActivity, Slot, Status};
use crate::wire::{tolerant, words};

tolerant! {
    CanFulfillIntentRequest {
        intent: Intent,
        dialog_state: Option<crate::request::DialogState>,
    }
    /// Alexa Conversations: the dialog manager filled an input.
    DialogInputRequest {
        input: DialogInput,
    }
    DialogInput {
        name: String,
        slots: BTreeMap<String, Slot>,
    }
    /// Alexa Conversations: call an API and answer with `apiResponse`.
    DialogApiInvoked {
        api_request: Option<ApiRequest>,
    }
    ApiRequest {
        name: String,
        arguments: Value,
        slots: BTreeMap<String, Value>,
    }
    /// A connection we started has ended: permission asked by voice, account linking.
    ConnectionsResponse {
        name: Option<String>,
        status: Option<Status>,
        payload: Value,
        token: Option<String>,
    }
    /// Another skill asks for one of our tasks.
    ConnectionsRequest {
        name: Option<String>,
        payload: Value,
    }
    /// Playback of `token` started, finished, stopped or nearly finished.
    Playback {
        token: Option<String>,
        offset_in_milliseconds: Option<u64>,
    }
    PlaybackFailed {
        token: Option<String>,
        error: Option<ErrorReport>,
        current_playback_state: Option<CurrentPlayback>,
    }
    CurrentPlayback {
        token: Option<String>,
        offset_in_milliseconds: Option<u64>,
        player_activity: Option<PlayerActivity>,
    }
    /// What went wrong, in the words of the interface that reports it.
    ErrorReport {
        #[serde(rename = "type")]
        kind: Option<String>,
        message: Option<String>,
    }
    /// A button: on the device, a remote control or the app. It carries nothing else.
    PlaybackCommand {}
    /// A push from our own server, delivered at least once and in any order.
    MessageReceived {
        message: Value,
    }
    /// The skill was enabled or disabled.
    SkillToggled {
        event_creation_time: Option<String>,
        event_publishing_time: Option<String>,
    }
    SkillAccountLinked {
        body: Option<AccountLinkedBody>,
        event_creation_time: Option<String>,
        event_publishing_time: Option<String>,
    }
    AccountLinkedBody {
        access_token: Option<String>,
    }
    /// Permissions were accepted or changed; an empty list means that all were withdrawn.
    SkillPermission {
        body: Option<PermissionBody>,
        event_creation_time: Option<String>,
        event_publishing_time: Option<String>,
    }
    PermissionBody {
        accepted_permissions: Vec<Permission>,
        accepted_person_permissions: Vec<Permission>,
    }
    Permission {
        scope: Option<String>,
    }
    ProactiveSubscriptionChanged {
        body: Option<ProactiveSubscriptionBody>,
    }
    ProactiveSubscriptionBody {
        subscriptions: Vec<ProactiveSubscription>,
    }
    ProactiveSubscription {
        event_name: Option<String>,
    }
    NotificationSubscriptionChanged {
        body: Option<NotificationSubscriptionBody>,
    }
    NotificationSubscriptionBody {
        subscriptions: Vec<NotificationSubscription>,
    }
    NotificationSubscription {
        topic_id: Option<String>,
    }
    /// A reminder was created, updated, started or changed its status.
    ReminderEvent {
        body: Option<ReminderBody>,
    }
    ReminderBody {
        alert_token: Option<String>,
        status: Option<String>,
    }
    ReminderDeleted {
        body: Option<ReminderDeletedBody>,
    }
    ReminderDeletedBody {
        alert_tokens: Vec<String>,
    }
    /// Amazon could not use one of our answers; `cause` names the request it answered.
    ExceptionEncountered {
        error: Option<ErrorReport>,
        cause: Option<ExceptionCause>,
    }
    ExceptionCause {
        request_id: Option<String>,
    }
    /// A touch or a `SendEvent` command, on a screen or (APLT) a text display.
    UserEvent {
        token: Option<String>,
        arguments: Vec<Value>,
        source: Value,
        components: Value,
    }
    LoadIndexListData {
        token: String,
        correlation_token: String,
        list_id: String,
        start_index: i64,
        count: i64,
    }
    LoadTokenListData {
        token: String,
        correlation_token: String,
        list_id: String,
        page_token: String,
    }
    /// A document could not be shown or played in full. Each error is as the runtime wrote it.
    PresentationError {
        token: String,
        errors: Vec<Value>,
    }
    DataStoreError {
        error: Option<DataStoreFault>,
    }
    DataStoreFault {
        #[serde(rename = "type")]
        kind: String,
        content: Value,
    }
    /// A widget was placed on, or taken off, a screen.
    PackageUsages {
        payload: Option<PackageUsagesBody>,
    }
    PackageUsagesBody {
        package_id: String,
        package_version: String,
        usages: Vec<PackageUsage>,
    }
    PackageUsage {
        location: Option<String>,
        instance_id: Option<String>,
    }
    PackageUpdate {
        package_id: String,
        from_version: String,
        to_version: String,
    }
    PackageInstallationError {
        package_id: String,
        version: String,
        error: Option<DataStoreFault>,
    }
    /// A Login with Amazon code, exchanged for the tokens of a call-signalling account.
    AuthorizationGrant {
        body: Option<AuthorizationGrantBody>,
    }
    AuthorizationGrantBody {
        grant: Option<Grant>,
    }
    Grant {
        #[serde(rename = "type")]
        kind: Option<GrantType>,
        code: String,
    }
    HtmlMessage {
        message: Value,
    }
    HtmlRuntimeError {
        error: Option<HtmlFault>,
    }
    HtmlFault {
        reason: Option<String>,
        message: Option<String>,
        code: Option<String>,
    }
    /// Advertisement: an advert completed, or the player is ready for more.
    Advertisement {
        token: Option<String>,
        previous_token: Option<String>,
    }
    AdNotRendered {
        reason: Option<ErrorReport>,
    }
    /// A list, or items in it, came, changed or went. The list service is retired.
    HouseholdListEvent {
        body: Option<HouseholdListBody>,
        event_creation_time: Option<String>,
        event_publishing_time: Option<String>,
    }
    HouseholdListBody {
        list_id: Option<String>,
        list_item_ids: Vec<String>,
    }
    GadgetEvents {
        token: Option<String>,
        events: Vec<Value>,
    }
    GadgetExpired {
        token: Option<String>,
        expiration_payload: Value,
    }
    GameInput {
        originating_request_id: Option<String>,
        events: Vec<Value>,
    }
    ElementSelected {
        token: String,
    }
}

words! {
    GrantType { AuthorizationCode = "OAuth2.AuthorizationCode", }
}

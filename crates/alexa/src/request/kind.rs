//! The request types, by the name they have on the wire.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;
use crate::wire::Text;

/// What every request says of itself. A field that is there twice makes the request unreadable, because two
/// readers could take it differently.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    request_id: Option<&'a RawValue>,
    timestamp: Option<&'a RawValue>,
    locale: Option<&'a RawValue>,
}

impl<'a> Head<'a> {
    pub(super) fn read(request: &'a RawValue) -> Option<Self> {
        // serde_json would take an array for the fields in their order.
        let object = request.get().starts_with('{');
        object.then(|| serde_json::from_str(request.get()).ok()).flatten()
    }

    pub(super) fn kind(&self) -> Option<Cow<'a, str>> {
        text(self.kind)
    }

    pub(super) fn request_id(&self) -> Option<Cow<'a, str>> {
        text(self.request_id)
    }

    pub(super) fn timestamp(&self) -> Option<Cow<'a, str>> {
        text(self.timestamp)
    }

    pub(super) fn locale(&self) -> Option<Cow<'a, str>> {
        text(self.locale)
    }
}

/// A field that is no text counts as missing.
fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    serde_json::from_str(raw?.get()).ok().map(|Text(text)| text)
}

/// A request this crate has no type for, or one that does not fit its type. The answer is 200 and empty.
#[derive(Debug, Clone, PartialEq)]
pub struct UnknownRequest {
    pub kind: String,
    /// The whole `request` object as it came.
    pub raw: Value,
}

macro_rules! requests {
    ($($wire:literal => $variant:ident($payload:ty),)*) => {
        /// The request types Amazon documents, and whatever else it sends.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Request {
            $($variant($payload),)*
            Unknown(UnknownRequest),
        }

        /// Every type this crate knows, by its name on the wire.
        pub const KNOWN_TYPES: &[&str] = &[$($wire),*];

        impl Request {
            /// `request.type`.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $wire,)*
                    Self::Unknown(unknown) => &unknown.kind,
                }
            }

            /// `None` for a spoken turn without an intent in it, and for what nothing can read.
            pub(super) fn read(kind: &str, request: &RawValue) -> Option<Self> {
                let known = match kind {
                    $($wire => {
                        serde_json::from_str::<$payload>(request.get()).ok().map(Self::$variant)
                    })*
                    _ => None,
                };
                match known {
                    Some(Self::Intent(request)) if request.intent.name.is_empty() => None,
                    None if kind == "IntentRequest" => None,
                    None => {
                        let raw = serde_json::from_str(request.get()).ok()?;
                        Some(Self::Unknown(UnknownRequest { kind: kind.to_owned(), raw }))
                    }
                    known => known,
                }
            }
        }
    };
}

requests! {
    "LaunchRequest" => Launch(LaunchRequest),
    "IntentRequest" => Intent(IntentRequest),
    "SessionEndedRequest" => SessionEnded(SessionEndedRequest),
    "SessionResumedRequest" => SessionResumed(SessionResumedRequest),
    "CanFulfillIntentRequest" => CanFulfillIntent(CanFulfillIntentRequest),
    "Dialog.InputRequest" => DialogInput(DialogInputRequest),
    "Dialog.API.Invoked" => DialogApiInvoked(DialogApiInvoked),
    "Connections.Response" => ConnectionsResponse(ConnectionsResponse),
    "Connections.Request" => ConnectionsRequest(ConnectionsRequest),
    "AudioPlayer.PlaybackStarted" => PlaybackStarted(Playback),
    "AudioPlayer.PlaybackFinished" => PlaybackFinished(Playback),
    "AudioPlayer.PlaybackStopped" => PlaybackStopped(Playback),
    "AudioPlayer.PlaybackNearlyFinished" => PlaybackNearlyFinished(Playback),
    "AudioPlayer.PlaybackFailed" => PlaybackFailed(PlaybackFailed),
    "PlaybackController.PlayCommandIssued" => PlayCommandIssued(PlaybackCommand),
    "PlaybackController.PauseCommandIssued" => PauseCommandIssued(PlaybackCommand),
    "PlaybackController.NextCommandIssued" => NextCommandIssued(PlaybackCommand),
    "PlaybackController.PreviousCommandIssued" => PreviousCommandIssued(PlaybackCommand),
    "Messaging.MessageReceived" => MessageReceived(MessageReceived),
    "AlexaSkillEvent.SkillEnabled" => SkillEnabled(SkillToggled),
    "AlexaSkillEvent.SkillDisabled" => SkillDisabled(SkillToggled),
    "AlexaSkillEvent.SkillAccountLinked" => SkillAccountLinked(SkillAccountLinked),
    "AlexaSkillEvent.SkillPermissionAccepted" => SkillPermissionAccepted(SkillPermission),
    "AlexaSkillEvent.SkillPermissionChanged" => SkillPermissionChanged(SkillPermission),
    "AlexaSkillEvent.ProactiveSubscriptionChanged" => ProactiveSubscriptionChanged(ProactiveSubscriptionChanged),
    "AlexaSkillEvent.NotificationSubscriptionChanged" => NotificationSubscriptionChanged(NotificationSubscriptionChanged),
    "Reminders.ReminderCreated" => ReminderCreated(ReminderEvent),
    "Reminders.ReminderUpdated" => ReminderUpdated(ReminderEvent),
    "Reminders.ReminderDeleted" => ReminderDeleted(ReminderDeleted),
    "Reminders.ReminderStarted" => ReminderStarted(ReminderEvent),
    "Reminders.ReminderStatusChanged" => ReminderStatusChanged(ReminderEvent),
    "System.ExceptionEncountered" => ExceptionEncountered(ExceptionEncountered),
    "Alexa.Presentation.APL.UserEvent" => AplUserEvent(UserEvent),
    "Alexa.Presentation.APL.LoadIndexListData" => AplLoadIndexListData(LoadIndexListData),
    "Alexa.Presentation.APL.LoadTokenListData" => AplLoadTokenListData(LoadTokenListData),
    "Alexa.Presentation.APL.RuntimeError" => AplRuntimeError(PresentationError),
    "Alexa.Presentation.APLA.RuntimeError" => AplaRuntimeError(PresentationError),
    "Alexa.Presentation.APLT.UserEvent" => ApltUserEvent(UserEvent),
    "Alexa.DataStore.Error" => DataStoreError(DataStoreError),
    "Alexa.DataStore.PackageManager.UsagesInstalled" => UsagesInstalled(PackageUsages),
    "Alexa.DataStore.PackageManager.UsagesRemoved" => UsagesRemoved(PackageUsages),
    "Alexa.DataStore.PackageManager.UpdateRequest" => PackageUpdate(PackageUpdate),
    "Alexa.DataStore.PackageManager.InstallationError" => PackageInstallationError(PackageInstallationError),
    "Alexa.Authorization.Grant" => AuthorizationGrant(AuthorizationGrant),
    "Alexa.Presentation.HTML.Message" => HtmlMessage(HtmlMessage),
    "Alexa.Presentation.HTML.RuntimeError" => HtmlRuntimeError(HtmlRuntimeError),
    "Alexa.Advertisement.AdCompleted" => AdCompleted(Advertisement),
    "Alexa.Advertisement.AdNotRendered" => AdNotRendered(AdNotRendered),
    "Alexa.Advertisement.ReadyToEnqueueAudio" => ReadyToEnqueueAudio(Advertisement),
    "AlexaHouseholdListEvent.ListCreated" => ListCreated(HouseholdListEvent),
    "AlexaHouseholdListEvent.ListUpdated" => ListUpdated(HouseholdListEvent),
    "AlexaHouseholdListEvent.ListDeleted" => ListDeleted(HouseholdListEvent),
    "AlexaHouseholdListEvent.ItemsCreated" => ListItemsCreated(HouseholdListEvent),
    "AlexaHouseholdListEvent.ItemsUpdated" => ListItemsUpdated(HouseholdListEvent),
    "AlexaHouseholdListEvent.ItemsDeleted" => ListItemsDeleted(HouseholdListEvent),
    "CustomInterfaceController.EventsReceived" => GadgetEvents(GadgetEvents),
    "CustomInterfaceController.Expired" => GadgetExpired(GadgetExpired),
    "GameEngine.InputHandlerEvent" => GameInput(GameInput),
    "Display.ElementSelected" => ElementSelected(ElementSelected),
}

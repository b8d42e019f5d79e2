//! How sure we must be before something is done: the more follows from it, the surer.

use crate::intent::Intent;

/// What follows when a wish is carried out, and so what a misunderstanding costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Consequence {
    /// Words; a mistake is mended with more words.
    Talk,
    /// Something in this house that is as easily undone as done.
    House,
    /// Somebody else hears of it, or it cannot be undone.
    Others,
    /// A microphone opens in somebody's room.
    Presence,
}

impl Consequence {
    /// From here on it is done without asking.
    pub(super) const fn needs(self) -> f32 {
        match self {
            Self::Talk => 0.4,
            Self::House => 0.6,
            Self::Others => 0.75,
            Self::Presence => 0.85,
        }
    }
}

/// Below this nothing was understood, and the talk goes on.
const AT_ALL: f32 = 0.4;
/// Below this what happens in the house is not worth a question. What only a second hearing made out is.
const WORTH_ASKING: f32 = 0.55;

/// What to do with a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is done.
    Enough,
    /// It is asked about.
    Doubtful,
    /// It counts for nothing.
    Nothing,
}

pub(super) fn weigh(intent: &Intent, confidence: f32) -> Weight {
    let consequence = consequence(intent);
    // A confidence that is no number is none.
    if confidence >= consequence.needs() {
        Weight::Enough
    } else if confidence >= asked_from(consequence) {
        Weight::Doubtful
    } else {
        Weight::Nothing
    }
}

/// From here on it is asked about.
const fn asked_from(consequence: Consequence) -> f32 {
    match consequence {
        Consequence::Talk => Consequence::Talk.needs(),
        Consequence::House => WORTH_ASKING,
        Consequence::Others | Consequence::Presence => AT_ALL,
    }
}

/// Every intent has its line here, so that a new one is thought about.
pub(super) const fn consequence(intent: &Intent) -> Consequence {
    match intent {
        Intent::DropIn { .. } => Consequence::Presence,
        Intent::Call { .. }
        | Intent::Redial
        | Intent::CallBack { .. }
        | Intent::AddToCall { .. }
        | Intent::TransferCall { .. }
        | Intent::SendMessage { .. }
        | Intent::ReplyToMessage { .. }
        | Intent::LeaveVoicemail { .. }
        | Intent::Announce { .. }
        | Intent::ReplyToAnnouncement { .. }
        | Intent::PostToFeed { .. }
        | Intent::React
        | Intent::PostToClub { .. }
        | Intent::MessageMerchant { .. }
        | Intent::DeleteMessage { .. }
        | Intent::DeleteVoicemail { .. }
        | Intent::RemoveContact { .. }
        | Intent::Block { .. }
        | Intent::BlockUnknown
        | Intent::Unblock { .. }
        | Intent::ForgetEverything => Consequence::Others,
        Intent::AnswerCall
        | Intent::DeclineCall
        | Intent::HangUp
        | Intent::HoldCall
        | Intent::ResumeCall
        | Intent::Mute
        | Intent::Unmute
        | Intent::VolumeUp
        | Intent::VolumeDown
        | Intent::PressKeys { .. }
        | Intent::RemoveFromCall { .. }
        | Intent::PlayVoicemail { .. }
        | Intent::ReadMessages { .. }
        | Intent::ReadFeed { .. }
        | Intent::ListClubs
        | Intent::ReadClub { .. }
        | Intent::JoinClub { .. }
        | Intent::LeaveClub { .. }
        | Intent::ListMerchants
        | Intent::ReadMerchant { .. }
        | Intent::AddContact { .. }
        | Intent::ListContacts
        | Intent::ListBlocked
        | Intent::AddFavourite { .. }
        | Intent::RemoveFavourite { .. }
        | Intent::ListFavourites
        | Intent::DoNotDisturbOn { .. }
        | Intent::DoNotDisturbOff { .. }
        | Intent::QuietHoursOn { .. }
        | Intent::QuietHoursOff
        | Intent::WhoCalled { .. }
        | Intent::ChangeTopic
        | Intent::AboutMe
        | Intent::ForgetThat
        | Intent::Help
        | Intent::NavigateHome
        | Intent::Fallback
        | Intent::Repeat
        | Intent::StartOver
        | Intent::Next
        | Intent::Previous
        | Intent::Pause
        | Intent::Resume => Consequence::House,
        Intent::Yes | Intent::No | Intent::Stop | Intent::Cancel | Intent::Chat { .. } => {
            Consequence::Talk
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::Slots;

    #[test]
    fn the_more_follows_the_surer_we_must_be() {
        let check = |intent: &str, talk: Weight, guess: Weight, fair: Weight, sure: Weight| {
            let intent = Intent::read(intent, &Slots::new()).expect("an intent of the model");
            let weights = [0.3, 0.5, 0.7, 0.8].map(|confidence| weigh(&intent, confidence));
            assert_eq!(weights, [talk, guess, fair, sure], "{intent:?}");
        };
        use Weight::{Doubtful, Enough, Nothing};
        check("ChatIntent", Nothing, Enough, Enough, Enough);
        check("AMAZON.YesIntent", Nothing, Enough, Enough, Enough);
        check("HangUpIntent", Nothing, Nothing, Enough, Enough);
        check("DoNotDisturbOnIntent", Nothing, Nothing, Enough, Enough);
        for others in [
            "CallIntent",
            "RedialIntent",
            "CallBackIntent",
            "SendMessageIntent",
            "ReplyToMessageIntent",
            "AnnounceIntent",
            "BlockIntent",
            "UnblockIntent",
            "DeleteMessageIntent",
            "ForgetEverythingIntent",
        ] {
            check(others, Nothing, Doubtful, Doubtful, Enough);
        }
        check("DropInIntent", Nothing, Doubtful, Doubtful, Doubtful);
    }

    #[test]
    fn what_a_second_hearing_made_out_is_asked_about() {
        let hang_up = Intent::read("HangUpIntent", &Slots::new()).expect("an intent of the model");
        assert_eq!(weigh(&hang_up, 0.59), Weight::Doubtful);
    }

    #[test]
    fn no_number_is_no_certainty() {
        let call = Intent::Redial;
        assert_eq!(weigh(&call, f32::NAN), Weight::Nothing);
    }
}

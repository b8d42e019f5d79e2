//! Two calls that cross.

use super::{Call, State};
use crate::id::{CallId, DeviceId, HouseholdId};

/// Two households that call each other in the same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glare {
    /// Give this call [`super::Event::Met`] with `device`: it connects.
    pub survivor: CallId,
    /// Give this one [`super::Event::Replaced`].
    pub replaced: CallId,
    /// Where the replaced call was made, hence where somebody waits to talk.
    pub device: DeviceId,
}

impl Call {
    /// Whether this call rings `caller` in the name of `callee`: then a call the other way is not placed
    /// (and nobody found busy), but whoever makes it is put through by [`super::Event::Met`].
    ///
    /// A call that hides from its callee never meets.
    #[must_use]
    pub fn crosses(&self, caller: &HouseholdId, callee: &HouseholdId) -> bool {
        matches!(self.state, State::Ringing { .. })
            && !self.hidden
            && self.caller.household == *callee
            && self.callee.household == *caller
            && caller != callee
    }
}

/// Decides between two calls that were placed before either was seen to cross the other: the lower id
/// survives. Both sides come to the same answer, whichever call they saw first.
#[must_use]
pub fn glare(one: &Call, other: &Call) -> Option<Glare> {
    let over =
        |call: &Call, other: &Call| call.crosses(&other.caller.household, &other.callee.household);
    if !over(one, other) || !over(other, one) || one.id == other.id {
        return None;
    }
    let (survivor, replaced) = if one.id < other.id { (one, other) } else { (other, one) };
    Some(Glare {
        survivor: survivor.id.clone(),
        replaced: replaced.id.clone(),
        device: replaced.caller.device.clone(),
    })
}

//! Endings enter; how many there were of each leaves, and whether the books agree with them.

use std::collections::BTreeSet;
use std::error::Error;

use anyhow::bail;

use crate::ledger::Account;
use crate::progress::tell;
use crate::run::Ending;

/// What has become of the applications so far.
#[derive(Debug)]
pub(crate) struct Summary {
    bad_lines: usize,
    approved: BTreeSet<String>,
    refused: usize,
    panicked: usize,
    cancelled: usize,
    /// Of these something may be left in the books: nobody was there to undo it, or it could not be undone.
    unsettled: BTreeSet<String>,
}

impl Summary {
    pub(crate) const fn new(bad_lines: usize) -> Self {
        Self { bad_lines, approved: BTreeSet::new(), refused: 0, panicked: 0, cancelled: 0, unsettled: BTreeSet::new() }
    }

    pub(crate) fn count(&mut self, id: String, ending: &Ending) {
        let is_settled = match ending {
            Ending::Approved => {
                self.approved.insert(id);
                return;
            }
            Ending::Refused(error) => {
                self.refused += 1;
                error.report.not_compensated().next().is_none()
            }
            Ending::Panicked(_) => {
                self.panicked += 1;
                false
            }
            Ending::Cancelled(_) => {
                self.cancelled += 1;
                false
            }
        };
        if !is_settled {
            self.unsettled.insert(id);
        }
    }

    /// Prints the counts and the account; it is the program's own trouble when the two do not agree.
    pub(crate) fn tell(&self, account: &Account) -> anyhow::Result<()> {
        let Self { bad_lines, approved, refused, panicked, cancelled, .. } = self;
        let all = approved.len() + refused + panicked + cancelled;
        tell(&format!(
            "{all} applications: {} approved, {refused} refused, {panicked} panicked, {cancelled} cancelled; bad lines: {bad_lines}",
            approved.len()
        ));
        let wrong = self.disagreements(account);
        if !wrong.is_empty() {
            bail!("the books do not balance: {}", wrong.join("; "));
        }
        let left: Vec<_> = self.unsettled.iter().filter(|id| account.reserved.contains_key(*id)).cloned().collect();
        let left = if left.is_empty() { "none".to_owned() } else { left.join(", ") };
        tell(&format!("the books balance: {} paid out; left to settle by hand: {left}", account.paid_out));
        Ok(())
    }

    /// An approved loan is reserved and booked; of any other application that could be undone, nothing is left.
    fn disagreements(&self, account: &Account) -> Vec<String> {
        let mut wrong = Vec::new();
        if !account.is_complete() {
            wrong.push(format!(
                "{} in funds and {} paid out are not what there was",
                account.in_funds, account.paid_out
            ));
        }
        let named: BTreeSet<_> = account.reserved.keys().chain(account.booked.keys()).chain(&self.approved).collect();
        for id in named.into_iter().filter(|id| !self.unsettled.contains(*id)) {
            let (reserved, booked) = (account.reserved.get(id), account.booked.get(id));
            let is_loan = reserved.is_some() && reserved == booked;
            if !(is_loan && self.approved.contains(id)) {
                let amount = |amount: Option<&i64>| amount.copied().unwrap_or_default();
                wrong.push(format!("of {id} there are {} reserved and {} booked", amount(reserved), amount(booked)));
            }
        }
        wrong
    }
}

/// What an error says, with its sources.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Amounts = &'static [(&'static str, i64)];

    /// `yes` was approved, `no` was refused and undone, `gone` was cancelled.
    fn disagreements(missing: i64, reserved: Amounts, booked: Amounts) -> Vec<String> {
        let amounts = |amounts: Amounts| amounts.iter().map(|(id, amount)| ((*id).to_owned(), *amount)).collect();
        let paid_out: i64 = booked.iter().map(|(_, amount)| amount).sum();
        let account = Account {
            in_funds: Account::opening() - paid_out - missing,
            paid_out,
            reserved: amounts(reserved),
            booked: amounts(booked),
        };
        let mut summary = Summary::new(0);
        summary.approved.insert("yes".to_owned());
        summary.unsettled.insert("gone".to_owned());
        summary.disagreements(&account)
    }

    #[test]
    fn books_that_agree_with_the_decisions() {
        let none: [String; 0] = [];
        assert_eq!(disagreements(0, &[("yes", 5)], &[("yes", 5)]), none);
        assert_eq!(disagreements(0, &[("yes", 5), ("gone", 7)], &[("yes", 5)]), none);
    }

    #[test]
    fn books_that_do_not() {
        let yes: Amounts = &[("yes", 5)];
        assert_eq!(disagreements(0, &[("yes", 5), ("no", 7)], yes), ["of no there are 7 reserved and 0 booked"]);
        assert_eq!(disagreements(0, yes, &[("yes", 5), ("no", 7)]), ["of no there are 0 reserved and 7 booked"]);
        assert_eq!(disagreements(0, &[("yes", 5), ("no", 7)], &[("yes", 5), ("no", 7)]).len(), 1);
        assert_eq!(disagreements(0, yes, &[]), ["of yes there are 5 reserved and 0 booked"]);
        assert_eq!(disagreements(0, &[], &[]), ["of yes there are 0 reserved and 0 booked"]);
        assert_eq!(disagreements(1, yes, yes), ["13000114 in funds and 5 paid out are not what there was"]);
    }
}

//! Amounts enter; reservations and bookings in an SQLite file of the program's own leave, and at the end an account of
//! them.
//!
//! Nothing is ever overwritten that cost money: a booking is undone by a second one, as in any ledger.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, ensure};
use rusqlite::{Connection, OptionalExtension, params};
use tense::traced;

use crate::applications::Fund;

const SCHEMA: &str = "
    CREATE TABLE accounts (fund TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0)) STRICT;
    CREATE TABLE reservations (application TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
    CREATE TABLE bookings (id INTEGER PRIMARY KEY, application TEXT NOT NULL, fund TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
";

/// What the funds have when the day begins. The one for studies has been emptied by the term that has just begun.
const OPENING: [(Fund, i64); 3] = [(Fund::Home, 9_000_000), (Fund::Car, 4_000_000), (Fund::Study, 120)];

/// The books of the bank.
///
/// A std mutex on purpose: it is held for one transaction of microseconds, never across an await.
#[derive(Debug)]
pub(crate) struct Ledger(Mutex<Connection>);

/// Why the ledger did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    #[error("balance {balance} < {amount}")]
    TooLittle { balance: i64, amount: u32 },
    #[error("no reservation of {application}")]
    NoReservation { application: String },
    #[error("use the ledger's file")]
    Sqlite(#[from] rusqlite::Error),
}

impl Ledger {
    /// Opens a new book.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let open = || -> rusqlite::Result<(Connection, bool)> {
            let db = Connection::open(path)?;
            let is_new = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((db, is_new))
        };
        let what_to_do = "--ledger takes a file that can be written and does not exist yet";
        let (db, is_new) = open().with_context(|| format!("open the ledger {}: {what_to_do}", path.display()))?;
        // The books of an earlier run would not add up with those of this one.
        ensure!(is_new, "open the ledger {}: it is in use already; {what_to_do}", path.display());
        prepare(&db).with_context(|| format!("write the ledger {}: {what_to_do}", path.display()))?;
        Ok(Self(Mutex::new(db)))
    }

    /// Sets the amount aside for the application.
    #[traced(operation.ledger.reserved, fields(amount))]
    pub(crate) fn reserve(&self, application: &str, amount: u32) -> Result<(), LedgerError> {
        self.db().execute("INSERT INTO reservations VALUES (?1, ?2)", params![application, amount])?;
        Ok(())
    }

    /// Undoes [`Self::reserve`].
    #[traced(operation.ledger.released)]
    pub(crate) fn release(&self, application: &str) -> Result<(), LedgerError> {
        match self.db().execute("DELETE FROM reservations WHERE application = ?1", [application])? {
            0 => Err(LedgerError::NoReservation { application: application.to_owned() }),
            _ => Ok(()),
        }
    }

    /// Takes the amount out of the fund.
    #[traced(operation.ledger.debited, fields(amount, fund = fund.name()))]
    pub(crate) fn debit(&self, application: &str, fund: Fund, amount: u32) -> Result<(), LedgerError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        let balance: i64 =
            transaction.query_row("SELECT balance FROM accounts WHERE fund = ?1", [fund.name()], |row| row.get(0))?;
        if balance < i64::from(amount) {
            return Err(LedgerError::TooLittle { balance, amount });
        }
        book(&transaction, application, fund, i64::from(amount))?;
        Ok(transaction.commit()?)
    }

    /// Undoes [`Self::debit`].
    #[traced(operation.ledger.refunded, fields(amount))]
    pub(crate) fn refund(&self, application: &str, fund: Fund, amount: u32) -> Result<(), LedgerError> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        book(&transaction, application, fund, -i64::from(amount))?;
        Ok(transaction.commit()?)
    }

    /// Adds the books up.
    pub(crate) fn account(&self) -> Result<Account, LedgerError> {
        let mut db = self.db();
        // One transaction: all sums are of one moment.
        let db = db.transaction()?;
        let sum = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0));
        let pairs = |sql| -> rusqlite::Result<BTreeMap<String, i64>> {
            db.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        Ok(Account {
            in_funds: sum("SELECT sum(balance) FROM accounts")?,
            paid_out: sum("SELECT coalesce(sum(amount), 0) FROM bookings")?,
            reserved: pairs("SELECT application, amount FROM reservations")?,
            booked: pairs(
                "SELECT application, sum(amount) FROM bookings GROUP BY application HAVING sum(amount) != 0",
            )?,
        })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic in the middle of a transaction rolls it back: the connection is as good as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    // Returns the mode that it has now, and some files cannot have this one.
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).optional()?;
    // Survives a killed program; a bank would say FULL, and survive a power cut too.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT"))?;
    for (fund, balance) in OPENING {
        db.execute("INSERT INTO accounts VALUES (?1, ?2)", params![fund.name(), balance])?;
    }
    Ok(())
}

/// Both sides of a booking: out of the fund, and on the loan.
fn book(db: &Connection, application: &str, fund: Fund, amount: i64) -> rusqlite::Result<()> {
    db.execute("UPDATE accounts SET balance = balance - ?2 WHERE fund = ?1", params![fund.name(), amount])?;
    db.execute(
        "INSERT INTO bookings (application, fund, amount) VALUES (?1, ?2, ?3)",
        params![application, fund.name(), amount],
    )?;
    Ok(())
}

/// The books at one moment.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) in_funds: i64,
    pub(crate) paid_out: i64,
    /// By application.
    pub(crate) reserved: BTreeMap<String, i64>,
    pub(crate) booked: BTreeMap<String, i64>,
}

impl Account {
    /// Whether every coin of the opening is either in a fund or paid out.
    pub(crate) fn is_complete(&self) -> bool {
        self.in_funds + self.paid_out == Self::opening()
    }

    /// What there was when the day began.
    pub(crate) fn opening() -> i64 {
        OPENING.iter().map(|(_, balance)| balance).sum()
    }
}

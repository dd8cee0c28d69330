//! What is served: a page of a shop. A customer's number goes in; ten annotated calls, each with a query of its own,
//! make a page of the customer's name and of what the last orders came to.

use std::cell::RefCell;
use std::path::Path;

use axum::extract::{Path as Number, State};
use axum::http::StatusCode;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, params};
use tense::traced;

/// Customers in the database.
pub const CUSTOMERS: u32 = 5_000;
/// Orders of each; the page shows all of them.
const ORDERS: u32 = 8;
/// Lines of each order.
const LINES: u32 = 5;
/// The page itself, the list of its orders, and one for each of them.
pub const SPANS: u32 = 2 + ORDERS;

/// Fills a new database.
pub fn fill(path: &Path) -> rusqlite::Result<()> {
    let mut db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, placed INTEGER NOT NULL);
        CREATE INDEX latest ON orders (customer, placed);
        CREATE TABLE lines (
            ordered INTEGER, number INTEGER, cents INTEGER NOT NULL, pieces INTEGER NOT NULL, PRIMARY KEY (ordered, number)
        ) WITHOUT ROWID;",
    )?;
    let fill = db.transaction()?;
    for customer in 0..CUSTOMERS {
        fill.prepare_cached("INSERT INTO customers VALUES (?1, ?2)")?
            .execute(params![customer, format!("customer number {customer}")])?;
        for order in customer * ORDERS..(customer + 1) * ORDERS {
            fill.prepare_cached("INSERT INTO orders VALUES (?1, ?2, ?3)")?.execute(params![
                order,
                customer,
                order / 3
            ])?;
            for line in 0..LINES {
                fill.prepare_cached("INSERT INTO lines VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                    order,
                    line,
                    order % 977,
                    line + 1
                ])?;
            }
        }
    }
    fill.commit()
}

/// `GET /customers/{id}`.
pub async fn get(State(shop): State<&'static Path>, Number(customer): Number<u32>) -> Result<String, StatusCode> {
    page(shop, customer).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[traced(operation.pages.shown, fields(customer))]
async fn page(shop: &Path, customer: u32) -> rusqlite::Result<String> {
    let name: Vec<String> = ask(shop, "SELECT name FROM customers WHERE id = ?1", customer)?;
    let mut page = name.concat() + "\n";
    for order in orders(shop, customer).await? {
        page += &format!("order {order}: {} cents\n", total(shop, order)?);
    }
    Ok(page)
}

#[traced(operation.orders.listed, fields(customer))]
async fn orders(shop: &Path, customer: u32) -> rusqlite::Result<Vec<u32>> {
    ask(shop, "SELECT id FROM orders WHERE customer = ?1 ORDER BY placed DESC, id LIMIT 8", customer)
}

#[traced(operation.totals.computed, fields(order))]
fn total(shop: &Path, order: u32) -> rusqlite::Result<i64> {
    Ok(ask::<i64>(shop, "SELECT sum(cents * pieces) FROM lines WHERE ordered = ?1", order)?.into_iter().sum())
}

/// Asks the connection of this thread for one column.
fn ask<T: FromSql>(shop: &Path, sql: &str, number: u32) -> rusqlite::Result<Vec<T>> {
    thread_local! {
        static DB: RefCell<Option<Connection>> = const { RefCell::new(None) };
    }
    DB.with_borrow_mut(|db| {
        let db = match db {
            Some(db) => db,
            None => db.insert(Connection::open_with_flags(
                shop,
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?),
        };
        let mut query = db.prepare_cached(sql)?;
        query.query_map([number], |row| row.get(0))?.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_what_each_of_the_orders_came_to() {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("shop.db");
        fill(&shop).unwrap();
        let page = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(page(&shop, 1)).unwrap();
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines[0], "customer number 1");
        // 15 is its last order; there are 15 pieces in each, of 15 cents in this one
        assert_eq!((lines.len(), lines[1]), (1 + ORDERS as usize, "order 15: 225 cents"));
    }
}

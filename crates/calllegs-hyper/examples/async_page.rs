//! One page of legs, with the core and this transport alone:
//! `CALLLEGS_ENDPOINT=http://127.0.0.1:8321/v2.0 CALLLEGS_TOKEN=sandbox-acme cargo run --example async_page -- FROM TILL`.

use std::{env, error::Error};

use calllegs_hyper::{
    HyperTransport,
    calllegs_core::{AccessKey, Account, CallLegs, Client, Endpoint, Order, Period, Query, value::wall_time},
};

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "an example reads and prints")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut times = env::args().skip(1).map(|text| wall_time::parse(&text));
    let (from, till) = (times.next().ok_or("FROM is missing")??, times.next().ok_or("TILL is missing")??);
    let account = Account::new(
        Endpoint::custom(&env::var("CALLLEGS_ENDPOINT")?)?,
        AccessKey::new(env::var("CALLLEGS_TOKEN")?),
    );
    let client = Client::new(HyperTransport::new()?, account);
    let query = Query::<CallLegs>::new(Period::new(from, till)?)
        .select((CallLegs::ID, CallLegs::START_TIME, CallLegs::DURATION))
        .sort_by(CallLegs::START_TIME, Order::Ascending)
        .limit(10);
    let page = client.call(query).await?;
    let rows = page.rows.len();
    for row in page.rows {
        let (id, start, duration) = row?;
        println!("{id:?} {start:?} {duration:?}");
    }
    println!("{rows} of {:?}", page.total);
    Ok(())
}

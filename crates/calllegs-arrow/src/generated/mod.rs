pub(crate) mod call_legs;

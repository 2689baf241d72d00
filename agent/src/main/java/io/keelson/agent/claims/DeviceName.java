package io.keelson.agent.claims;

/** A device of a driver. */
record DeviceName(String pool, String device) {}

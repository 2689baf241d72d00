package io.keelson.kvstore.server.config;

/**
 * A flag of the server, for those who show what can be typed.
 *
 * @param name without dashes
 * @param takesValue whether a word of its own can follow it as its value
 * @param help one line
 */
public record OfferedFlag(String name, boolean takesValue, String help) {}

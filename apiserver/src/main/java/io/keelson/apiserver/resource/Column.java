package io.keelson.apiserver.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * A column of the table that {@code kubectl get} shows.
 *
 * @param name the heading, {@code Up-to-date} for example
 * @param type in OpenAPI: string, integer, number, boolean, date
 * @param format in OpenAPI, {@code name} for the column of names; empty if none
 * @param description for who asks what it means
 * @param priority 0 is always shown, 1 only with {@code -o wide}
 * @param cell makes a cell
 */
public record Column(String name, String type, String format, String description, int priority, Cell cell) {
    /** What an object has in a column. */
    @FunctionalInterface
    public interface Cell {
        /**
         * @param object in the version the column belongs to
         * @param now for ages
         * @return a scalar; null as JSON where there is nothing
         */
        JsonNode of(ObjectNode object, Instant now);
    }
}

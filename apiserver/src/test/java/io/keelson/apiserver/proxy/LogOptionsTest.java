package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.QueryParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogOptionsTest {
    private static LogOptions parse(String query) {
        return LogOptions.parse(query(query), "web");
    }

    private static Query query(String text) {
        return QueryParser.parse(text);
    }

    @Test
    void theNodeIsAskedForWhatTheClientAskedFor() {
        LogOptions options = parse("container=main&follow=true&tailLines=5&sinceTime=2026-01-01T00:00:00Z");
        assertEquals("main", options.container());
        assertEquals("?follow=true&sinceTime=2026-01-01T00%3A00%3A00Z&tailLines=5", options.query());
        assertEquals("", parse("container=main").query());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tailLines=-1 | tailLines: Invalid value: -1: must be greater than or equal to 0
            limitBytes=0 | limitBytes: Invalid value: 0: must be greater than 0
            sinceSeconds=0 | sinceSeconds: Invalid value: 0: must be greater than 0
            sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z | []: Forbidden: at most one of \
            `sinceTime` or `sinceSeconds` may be specified
            stream=Stderr | stream: Forbidden: may not be specified
            """)
    void whatMakesNoSenseIsRefused(String query, String error) {
        ApiException refused = assertThrows(ApiException.class, () -> parse(query));
        assertEquals(422, refused.code());
        assertEquals("PodLogOptions \"web\" is invalid: " + error, refused.message());
    }
}

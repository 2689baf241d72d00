package io.keelson.agent.embedded.streaming;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A terminal's size as clients tell it: {@code {"Width":80,"Height":24}}. */
record TerminalSize(int rows, int columns) {
    private static final Logger LOG = LoggerFactory.getLogger(TerminalSize.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** From part of a message; a size of zero, which changes nothing, if it is malformed. */
    static TerminalSize parse(byte[] message, int offset, int length) {
        try {
            JsonNode size = JSON.readTree(message, offset, length);
            return new TerminalSize(
                    size.path("Height").asInt(0), size.path("Width").asInt(0));
        } catch (IOException malformed) {
            LOG.debug("a terminal's size is malformed");
            return new TerminalSize(0, 0);
        }
    }
}

package io.keelson.agent.embedded.streaming;

import java.io.IOException;

/** Begins the process that a client came for. */
interface ProcessOpening {
    ProcessStream open() throws IOException;
}

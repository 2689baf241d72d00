package io.keelson.kvstore.cli;

import io.keelson.kvstore.api.HashKVResponse;
import io.keelson.kvstore.api.StatusResponse;

/** What one endpoint said, next to which one it was. Strings hold one byte per character. */
sealed interface EndpointReply {
    String endpoint();

    /**
     * Whether it serves.
     *
     * @param took how long the question took, empty when it was not put
     * @param error why it does not serve, empty when it does
     */
    record Health(String endpoint, boolean healthy, String took, String error) implements EndpointReply {}

    /** Its status. */
    record Status(String endpoint, StatusResponse response) implements EndpointReply {}

    /** Its hash of the key space. */
    record HashKv(String endpoint, HashKVResponse response) implements EndpointReply {}
}

package io.keelson.apiserver.authn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import java.io.IOException;
import java.security.PublicKey;
import java.util.List;

/** Signs tokens of service accounts, and knows the keys that may have signed one. Any thread. */
public interface ServiceAccountKeys {
    /**
     * Makes a token.
     *
     * @return the JSON web token in its compact form
     * @throws ApiException InternalError if it cannot be signed now
     */
    String sign(ObjectNode claims);

    /**
     * The keys that may have signed a token: those of the id that it names, or all if it names none.
     *
     * @throws ApiException ServiceUnavailable if the thread is interrupted while they are asked for; it still is then
     */
    List<PublicKey> candidates(String keyId);

    /**
     * The keys that others are to check tokens with, as a JSON Web Key Set; public halves only.
     *
     * @throws IOException if there are none, or one is of a kind that cannot be told
     */
    ObjectNode keySet() throws IOException;

    /** The algorithms of those keys. */
    List<String> algorithms() throws IOException;

    /** For how many seconds others may go on with what they were told of the keys. */
    int maxAgeSeconds();
}

package io.keelson.apiserver.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the audit log wants to know about a request, told by those who find it out on the request's way. Where nothing is
 * written down, which is the default, nothing is kept.
 */
public interface AuditTrail {
    /** Keeps nothing. */
    AuditTrail NONE = new AuditTrail() {};

    /** Notes under keys as {@code plugin.domain/what}; whoever finds something out adds to them. */
    default Map<String, String> annotations() {
        return new LinkedHashMap<>();
    }

    /** Notes something, under such a key. */
    default void note(String key, String value) {}

    /** The object that the request carries, in the version it was sent in; the tree is read now and not kept. */
    default void carries(ObjectNode object) {}

    /**
     * The patch that the request carries: JSON, or YAML for what is applied.
     *
     * @param applied whether it is a configuration to be applied
     */
    default void patches(byte[] patch, boolean applied) {}

    /** Which of the narrow ways to act as somebody else was used: the verb that had to be allowed. */
    default void impersonatedBy(String verb) {}
}

package io.keelson.agent.policy;

import io.keelson.controllers.runtime.Key;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Names of what is in the table. Each is made of what it stands for, so that it is the same however it came to be. */
final class TableNames {
    private static final int DIGEST_LETTERS = 20;
    private static final int READABLE_LETTERS_MAX = 90;

    private TableNames() {}

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGEST_LETTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static char family(boolean isV6) {
        return isV6 ? '6' : '4';
    }

    /** A text of others that can stand in a rule. */
    static String writable(String text) {
        return text.replaceAll("[^A-Za-z0-9._/-]", "_");
    }

    /** The set of the addresses of the pods that a text says. */
    static String set(String peer, boolean isV6) {
        return "pods" + family(isV6) + '-' + digest(peer);
    }

    /** The set of the addresses of pods with their ports of a name. */
    static String set(NamedPort port, boolean isV6) {
        return "ports" + family(isV6) + '-' + port.protocol().label() + '-' + digest(port.name());
    }

    /** The set of what pods of this node send to themselves. */
    static String self(boolean isV6) {
        return "self" + family(isV6);
    }

    /** The map from isolated pods of this node to the chain of what is allowed. */
    static String map(Direction direction, boolean isV6) {
        return direction.label() + family(isV6);
    }

    /** The chain of what a policy allows. */
    static String chain(Direction direction, Key policy) {
        String readable = writable(policy.toString());
        return direction.label()
                + '/'
                + readable.substring(0, Math.min(readable.length(), READABLE_LETTERS_MAX))
                + '-'
                + digest(policy.toString());
    }

    /** The chain of what some policies allow together. */
    static String chain(Direction direction, List<Key> policies) {
        String all = policies.stream().map(Key::toString).collect(Collectors.joining("\n"));
        return direction.label() + "-of-" + digest(all);
    }
}

package io.keelson.agent.image;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a pod has to show that it may pull an image that is there ({@code imagePullCredentialsVerificationPolicy}).
 * Without it, whoever knows the name of an image that another one pulled with his password could run it.
 */
public final class CredentialPolicy {
    /** Of which images it is asked. */
    public enum Kind {
        /** Of none. */
        NEVER_VERIFY("NeverVerify"),
        /** Of those that an agent pulled; what was put there by others is for everybody. */
        NEVER_VERIFY_PRELOADED("NeverVerifyPreloadedImages"),
        /** Of all but those in a list. */
        NEVER_VERIFY_ALLOWLISTED("NeverVerifyAllowlistedImages"),
        /** Of all. */
        ALWAYS_VERIFY("AlwaysVerify");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /**
         * By its name in the configuration.
         *
         * @throws IllegalArgumentException if there is none of it
         */
        public static Kind of(String text) {
            for (Kind kind : values()) {
                if (kind.text.equals(text)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown image pull credential verification policy: " + text);
        }
    }

    /** That of the kubelet. */
    public static final CredentialPolicy DEFAULT = new CredentialPolicy(Kind.NEVER_VERIFY_PRELOADED, List.of());

    private final Kind kind;
    private final Set<String> names = new HashSet<>();
    private final List<String> beginnings = new ArrayList<>();

    /**
     * @param allowed repositories in full, without tag, or {@code registry/path/*} ({@code
     *     preloadedImagesVerificationAllowlist})
     * @throws IllegalArgumentException if one of these is none
     */
    public CredentialPolicy(Kind kind, List<String> allowed) {
        this.kind = kind;
        for (String pattern : allowed) {
            if (!pattern.equals(pattern.strip())) {
                throw new IllegalArgumentException("leading/trailing spaces are not allowed: " + pattern);
            }
            boolean isBeginning = pattern.endsWith("/*");
            String name = isBeginning ? pattern.substring(0, pattern.length() - 1) : pattern;
            if (name.isEmpty()) {
                throw new IllegalArgumentException("the supplied pattern is too short: " + pattern);
            }
            if (name.contains("*")) {
                throw new IllegalArgumentException(
                        "not a valid wildcard pattern, only patterns ending with '/*' are allowed: " + pattern);
            }
            if (isBeginning) {
                if (name.length() == 1) {
                    throw new IllegalArgumentException("at least registry hostname is required");
                }
                beginnings.add(name);
            } else if (!ImageName.parse(name).repository().equals(name)) {
                throw new IllegalArgumentException(
                        "a repository must be given in full, and neither tag nor digest is accepted "
                                + "in an image reference: "
                                + pattern);
            } else {
                names.add(name);
            }
        }
    }

    /**
     * Whether a pod has to show that it may pull an image.
     *
     * @param pulled whether an agent pulled it, as far as is known
     */
    boolean verifies(ImageName image, boolean pulled) {
        return switch (kind) {
            case NEVER_VERIFY -> false;
            case NEVER_VERIFY_PRELOADED -> pulled;
            case ALWAYS_VERIFY -> true;
            case NEVER_VERIFY_ALLOWLISTED ->
                !names.contains(image.repository()) && beginnings.stream().noneMatch(image.repository()::startsWith);
        };
    }
}

package io.keelson.agent.embedded.images.registry;

import io.keelson.agent.embedded.images.ImageProblem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a registry knows someone by. Empty where there is none.
 *
 * @param identityToken changed for a token that the registry takes
 * @param registryToken taken by the registry as it is
 */
public record Credentials(String username, String password, String identityToken, String registryToken) {
    /** Nobody. */
    public static final Credentials NONE = new Credentials("", "", "", "");

    /** By name and password. */
    public static Credentials of(String username, String password) {
        return new Credentials(username, password, "", "");
    }

    /**
     * Reads {@code user:password} in Base64.
     *
     * @throws ImageProblem {@code INVALID}
     */
    public static Credentials ofBase64(String text) throws ImageProblem {
        try {
            String plain = new String(
                    Base64.getMimeDecoder().decode(text.getBytes(StandardCharsets.US_ASCII)), StandardCharsets.UTF_8);
            int colon = plain.indexOf(':');
            if (colon > 0) {
                // Some programs end it with zeros.
                return of(plain.substring(0, colon), plain.substring(colon + 1).replace("\0", ""));
            }
        } catch (IllegalArgumentException e) {
            // As without a colon.
        }
        throw new ImageProblem(ImageProblem.Kind.INVALID, "credentials are not USER:PASSWORD in Base64");
    }

    boolean hasPassword() {
        return !username.isEmpty();
    }

    String basic() {
        return "Basic "
                + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return username.isEmpty() ? "credentials" : "credentials of " + username;
    }
}

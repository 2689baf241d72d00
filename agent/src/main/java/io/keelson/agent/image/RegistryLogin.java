package io.keelson.agent.image;

import io.keelson.agent.wire.cri.AuthConfig;
import java.util.Optional;

/**
 * A user of a registry.
 *
 * @param secret where it was read; empty for a file of the node
 */
record RegistryLogin(String username, String password, Optional<SecretIdentity> secret) {
    /** Who pulls without a name. */
    static final RegistryLogin NOBODY = new RegistryLogin("", "", Optional.empty());

    AuthConfig asAuthConfig() {
        return AuthConfig.newBuilder()
                .setUsername(username)
                .setPassword(password)
                .build();
    }

    /** Without the password, which must not get into logs. */
    @Override
    public String toString() {
        return "RegistryLogin[" + username + "]";
    }
}

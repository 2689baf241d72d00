package io.keelson.agent.image;

import io.keelson.agent.wire.cri.AuthConfig;

/** A user of a registry. */
public record RegistryLogin(String username, String password) {
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

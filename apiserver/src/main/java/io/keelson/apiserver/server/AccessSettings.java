package io.keelson.apiserver.server;

import io.keelson.apiserver.audit.AuditSettings;

/** Who is let in, what they may do, and what of it is written down. */
public record AccessSettings(
        AuthenticationSettings authentication, AuthorizationSettings authorization, AuditSettings audit) {
    public static final AccessSettings DEFAULT =
            new AccessSettings(AuthenticationSettings.DEFAULT, AuthorizationSettings.DEFAULT, AuditSettings.NONE);
}

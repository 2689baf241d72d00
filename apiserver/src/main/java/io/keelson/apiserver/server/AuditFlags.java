package io.keelson.apiserver.server;

import io.keelson.apiserver.audit.AuditSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of {@link AuditSettings}. */
final class AuditFlags {
    @Option(
            names = "--audit-policy-file",
            paramLabel = "FILE",
            description = "Which requests are written down, and how much of them: a Policy of audit.k8s.io/v1.")
    private @Nullable Path policyFile;

    @Mixin
    private AuditLogFlags log = new AuditLogFlags();

    @Mixin
    private AuditWebhookFlags webhook = new AuditWebhookFlags();

    /** @throws IllegalArgumentException naming what cannot be used */
    AuditSettings settings() {
        return new AuditSettings(policyFile, log.settings(), webhook.settings());
    }
}

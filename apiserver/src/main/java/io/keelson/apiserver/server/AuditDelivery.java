package io.keelson.apiserver.server;

import io.keelson.apiserver.audit.AuditSettings;

/** How events of the audit log are delivered, as the flags of a log or of a webhook say it. */
final class AuditDelivery {
    /** The only version of events that there is. */
    static final String VERSION = "audit.k8s.io/v1";

    private AuditDelivery() {}

    /**
     * Checks what flags say.
     *
     * @param kind what the names of the flags have behind {@code --audit-}: {@code log} or {@code webhook}
     * @throws IllegalArgumentException naming what cannot be used
     */
    static AuditSettings.Delivery of(
            String kind, String version, String mode, AuditSettings.Batch batch, AuditSettings.Truncate truncate) {
        if (!version.equals(VERSION)) {
            throw new IllegalArgumentException("--audit-" + kind + "-version: invalid group version \"" + version
                    + "\", allowed versions are [\"" + VERSION + "\"]");
        }
        AuditSettings.Mode when = AuditSettings.Mode.of(mode, kind);
        return new AuditSettings.Delivery(
                when, when == AuditSettings.Mode.BATCH ? batch.checked(kind) : batch, truncate.checked(kind));
    }
}

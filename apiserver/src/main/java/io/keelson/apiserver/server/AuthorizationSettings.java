package io.keelson.apiserver.server;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who decides what somebody may do, besides the modes as such.
 *
 * @param configFile an AuthorizationConfiguration, which then stands for modes and webhook; null for none
 * @param webhook who is asked in the mode Webhook; null for nobody
 * @param policyFile what is allowed in the mode ABAC; null for none
 */
public record AuthorizationSettings(
        @Nullable Path configFile,
        @Nullable Webhook webhook,
        @Nullable Path policyFile) {
    public static final AuthorizationSettings DEFAULT = new AuthorizationSettings(null, null, null);

    /**
     * Another server that decides.
     *
     * @param kubeconfig says where it is
     * @param version of the SubjectAccessReview it is asked with, v1 or v1beta1
     */
    public record Webhook(Path kubeconfig, String version, Duration authorizedLife, Duration unauthorizedLife) {
        public Webhook {
            if (!version.equals("v1") && !version.equals("v1beta1")) {
                throw new IllegalArgumentException(
                        "--authorization-webhook-version: unsupported webhook authorizer version \"" + version
                                + "\", must be v1 or v1beta1");
            }
        }
    }
}

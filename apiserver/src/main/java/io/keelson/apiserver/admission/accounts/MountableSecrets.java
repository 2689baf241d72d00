package io.keelson.apiserver.admission.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The secrets of an account, where pods may use no others. */
final class MountableSecrets {
    /** Where in a volume's source the secret is, by the kind of the source. */
    private static final List<String> IN_VOLUMES = List.of(
            "/secret/secretName",
            "/azureFile/secretName",
            "/cephfs/secretRef/name",
            "/cinder/secretRef/name",
            "/flexVolume/secretRef/name",
            "/rbd/secretRef/name",
            "/scaleIO/secretRef/name",
            "/iscsi/secretRef/name",
            "/storageos/secretRef/name",
            "/csi/nodePublishSecretRef/name");

    private static final List<String> CONTAINERS = List.of("initContainers", "containers", "ephemeralContainers");

    private final String account;
    private final Set<String> secrets = new HashSet<>();
    private final Set<String> pullSecrets = new HashSet<>();

    MountableSecrets(JsonNode account) {
        this.account = account.path("metadata").path("name").asText("");
        account.path("secrets")
                .forEach(secret -> secrets.add(secret.path("name").asText("")));
        account.path("imagePullSecrets")
                .forEach(secret -> pullSecrets.add(secret.path("name").asText("")));
    }

    /** The first use of a secret that is not the account's; null if there is none. */
    @Nullable
    String wrongIn(JsonNode spec) {
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.has("secret")
                    && !secrets.contains(
                            volume.path("secret").path("secretName").asText(""))) {
                return "volume with "
                        + notAllowed(volume.path("secret").path("secretName").asText(""));
            }
        }
        String wrong = wrongIn(spec.path("initContainers"), "init container");
        if (wrong == null) {
            wrong = wrongIn(spec.path("containers"), "container");
        }
        if (wrong != null) {
            return wrong;
        }
        JsonNode pulls = spec.path("imagePullSecrets");
        for (int i = 0; i < pulls.size(); i++) {
            String name = pulls.get(i).path("name").asText("");
            if (!pullSecrets.contains(name)) {
                return "imagePullSecrets[" + i + "].name=\"" + name + "\" is not allowed because service account "
                        + account + " does not reference that imagePullSecret";
            }
        }
        return null;
    }

    /** The same of containers that are put into a pod that runs. */
    @Nullable
    String wrongInEphemeral(JsonNode spec) {
        return wrongIn(spec.path("ephemeralContainers"), "ephemeral container");
    }

    private @Nullable String wrongIn(JsonNode containers, String what) {
        for (JsonNode container : containers) {
            String name = what + " " + container.path("name").asText("");
            for (JsonNode variable : container.path("env")) {
                JsonNode reference = variable.path("valueFrom").path("secretKeyRef");
                String secret = reference.path("name").asText("");
                if (!reference.isMissingNode() && !secrets.contains(secret)) {
                    return name + " with envVar " + variable.path("name").asText("") + " referencing "
                            + notAllowed(secret);
                }
            }
            for (JsonNode from : container.path("envFrom")) {
                String secret = from.path("secretRef").path("name").asText("");
                if (from.has("secretRef") && !secrets.contains(secret)) {
                    return name + " with envFrom referencing " + notAllowed(secret);
                }
            }
        }
        return null;
    }

    private String notAllowed(String secret) {
        return "secret.secretName=\"" + secret + "\" is not allowed because service account " + account
                + " does not reference that secret";
    }

    /** Whether a pod uses any secret at all. */
    static boolean anyIn(JsonNode spec) {
        if (spec.path("imagePullSecrets").valueStream().anyMatch(secret -> isName(secret.path("name")))) {
            return true;
        }
        for (JsonNode volume : spec.path("volumes")) {
            if (IN_VOLUMES.stream().anyMatch(place -> isName(volume.at(place)))
                    || volume.path("projected")
                            .path("sources")
                            .valueStream()
                            .anyMatch(source -> isName(source.at("/secret/name")))) {
                return true;
            }
        }
        for (String list : CONTAINERS) {
            for (JsonNode container : spec.path(list)) {
                if (container.path("env").valueStream().anyMatch(one -> isName(one.at("/valueFrom/secretKeyRef/name")))
                        || container.path("envFrom").valueStream().anyMatch(one -> isName(one.at("/secretRef/name")))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isName(JsonNode node) {
        return !node.asText("").isEmpty();
    }
}

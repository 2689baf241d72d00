package io.keelson.agent.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * That an agent pulled an image, and as whom; in the kubelet's format {@code ImagePulledRecord}.
 *
 * @param updated when this was written
 * @param imageRef the image's id
 * @param access who may use it under the name of a repository
 */
record PullRecord(Instant updated, String imageRef, Map<String, Access> access) {
    private static final String API = "kubelet.config.k8s.io/v1beta1";
    private static final ObjectMapper JSON = new ObjectMapper();

    PullRecord {
        access = Map.copyOf(access);
    }

    /**
     * Who may use an image.
     *
     * @param everybody whether nobody was asked for a password, or the node's own was used
     * @param secrets whose passwords were good
     */
    record Access(boolean everybody, List<SecretIdentity> secrets) {
        /** So many secrets are remembered; who has another one shows it again. */
        private static final int SECRETS_MAX = 100;

        Access {
            secrets = List.copyOf(secrets);
        }

        /** With one more, in place of what was known of the same secret. */
        Access with(SecretIdentity secret) {
            if (everybody) {
                return this;
            }
            List<SecretIdentity> all = new ArrayList<>(secrets);
            all.removeIf(known -> known.isOf(secret));
            all.add(secret);
            return new Access(false, all.subList(Math.max(0, all.size() - SECRETS_MAX), all.size()));
        }
    }

    PullRecord with(String repository, Access more, Instant now) {
        Map<String, Access> all = new LinkedHashMap<>(access);
        all.put(repository, more);
        return new PullRecord(now, imageRef, all);
    }

    String json() {
        ObjectNode root = JSON.createObjectNode()
                .put("kind", "ImagePulledRecord")
                .put("apiVersion", API)
                .put("lastUpdatedTime", updated.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("imageRef", imageRef);
        ObjectNode mapping = root.putObject("credentialMapping");
        access.forEach((repository, who) -> {
            ObjectNode node = mapping.putObject(repository);
            if (who.everybody()) {
                node.put("nodePodsAccessible", true);
            } else {
                ArrayNode secrets = node.putArray("kubernetesSecrets");
                who.secrets()
                        .forEach(secret -> secrets.addObject()
                                .put("uid", secret.uid())
                                .put("namespace", secret.namespace())
                                .put("name", secret.name())
                                .put("credentialHash", secret.credentialHash()));
            }
        });
        return root.toString();
    }

    /**
     * Reads one.
     *
     * @throws IOException if it is damaged
     */
    static PullRecord parse(String text) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException("not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.path("kind").asText("").equals("ImagePulledRecord")) {
            throw new IOException("not an ImagePulledRecord");
        }
        Instant updated;
        try {
            updated = Instant.parse(root.path("lastUpdatedTime").asText(""));
        } catch (DateTimeParseException e) {
            throw new IOException("lastUpdatedTime is no time", e);
        }
        Map<String, Access> access = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.path("credentialMapping").properties()) {
            List<SecretIdentity> secrets = new ArrayList<>();
            for (JsonNode secret : entry.getValue().path("kubernetesSecrets")) {
                secrets.add(new SecretIdentity(
                        secret.path("uid").asText(""),
                        secret.path("namespace").asText(""),
                        secret.path("name").asText(""),
                        secret.path("credentialHash").asText("")));
            }
            access.put(
                    entry.getKey(),
                    new Access(entry.getValue().path("nodePodsAccessible").asBoolean(false), secrets));
        }
        return new PullRecord(updated, root.path("imageRef").asText(""), access);
    }
}

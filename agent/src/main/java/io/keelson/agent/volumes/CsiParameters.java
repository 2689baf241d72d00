package io.keelson.agent.volumes;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretReference;
import io.fabric8.kubernetes.api.model.storage.CSIDriverSpec;
import io.fabric8.kubernetes.api.model.storage.TokenRequest;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.environment.VariableBytes;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What storage plugins are told besides the volume: secrets, where it is attached, whom it is for. */
final class CsiParameters {
    private static final String PREFIX = "csi.storage.k8s.io/";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final ReferencedObjects objects;
    private final ServiceAccountTokens tokens;
    private final CsiSettings settings;
    private final String node;

    CsiParameters(
            KubernetesClient client,
            ReferencedObjects objects,
            ServiceAccountTokens tokens,
            CsiSettings settings,
            String node) {
        this.client = client;
        this.objects = objects;
        this.tokens = tokens;
        this.settings = settings;
        this.node = node;
    }

    String node() {
        return node;
    }

    CSIDriverSpec settings(String driver) throws VolumeException {
        try {
            return settings.of(driver);
        } catch (KubernetesClientException e) {
            throw new VolumeException("CSIDriver " + driver + " cannot be read: " + Refusals.message(e), e);
        }
    }

    /** The values of a secret; none if none is named. */
    Map<String, String> secret(@Nullable SecretReference reference) throws VolumeException {
        return reference == null ? Map.of() : secret(OrEmpty.of(reference.getNamespace()), reference.getName());
    }

    Map<String, String> secret(String namespace, String name) throws VolumeException {
        Secret secret;
        try {
            secret = objects.secret(namespace, name);
        } catch (KubernetesClientException e) {
            throw new VolumeException(
                    "fetching the secret %s/%s failed: %s".formatted(namespace, name, Refusals.message(e)), e);
        }
        if (secret == null) {
            throw new VolumeException(
                    "fetching the secret %s/%s failed: secret \"%s\" not found".formatted(namespace, name, name));
        }
        Map<String, String> values = new HashMap<>();
        for (Map.Entry<String, String> entry : OrEmpty.of(secret.getData()).entrySet()) {
            try {
                values.put(
                        entry.getKey(), VariableBytes.text(Base64.getDecoder().decode(entry.getValue())));
            } catch (IllegalArgumentException e) {
                throw new VolumeException("secret %s/%s is not base64".formatted(namespace, name), e);
            }
        }
        return values;
    }

    /** What the attachment of a volume to this node tells the plugin; nothing if it need not be attached. */
    Map<String, String> publishContext(CsiNote note, CSIDriverSpec driver) throws VolumeException {
        if (Boolean.FALSE.equals(driver.getAttachRequired())) {
            return Map.of();
        }
        String name = CsiNames.attachment(note);
        VolumeAttachment attachment;
        try {
            attachment =
                    client.storage().v1().volumeAttachments().withName(name).get();
        } catch (KubernetesClientException e) {
            throw new VolumeException("volume attachment " + name + " cannot be read: " + Refusals.message(e), e);
        }
        if (attachment == null
                || attachment.getStatus() == null
                || !OrEmpty.of(attachment.getStatus().getAttached())) {
            throw new VolumeException("volume " + note.handle() + " is not attached to this node yet (VolumeAttachment "
                    + name + (attachment == null ? " does not exist)" : " is not attached)"));
        }
        return OrEmpty.of(attachment.getStatus().getAttachmentMetadata());
    }

    /** Adds whom a volume is for, and tokens of its service account, if the plugin wants to know. */
    NodePublishVolumeRequest.Builder addPod(
            NodePublishVolumeRequest.Builder request, Pod pod, CSIDriverSpec driver, boolean ephemeral)
            throws VolumeException {
        if (OrEmpty.of(driver.getPodInfoOnMount())) {
            request.putVolumeContext(PREFIX + "pod.name", pod.getMetadata().getName())
                    .putVolumeContext(
                            PREFIX + "pod.namespace", pod.getMetadata().getNamespace())
                    .putVolumeContext(PREFIX + "pod.uid", pod.getMetadata().getUid())
                    .putVolumeContext(
                            PREFIX + "serviceAccount.name",
                            OrEmpty.of(pod.getSpec().getServiceAccountName()))
                    .putVolumeContext(PREFIX + "ephemeral", Boolean.toString(ephemeral));
        }
        if (!OrEmpty.of(driver.getTokenRequests()).isEmpty()) {
            ObjectNode all = JSON.createObjectNode();
            for (TokenRequest wanted : OrEmpty.of(driver.getTokenRequests())) {
                String audience = OrEmpty.of(wanted.getAudience());
                ServiceAccountTokens.Token token = tokens.get(pod, audience, wanted.getExpirationSeconds());
                all.putObject(audience)
                        .put("token", token.text())
                        .put("expirationTimestamp", token.expires().toString());
            }
            if (OrEmpty.of(driver.getServiceAccountTokenInSecrets())) {
                request.putSecrets(PREFIX + "serviceAccount.tokens", all.toString());
            } else {
                request.putVolumeContext(PREFIX + "serviceAccount.tokens", all.toString());
            }
        }
        return request;
    }
}

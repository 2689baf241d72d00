package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads pull secrets from the API when they are needed, which is when an image is pulled. */
public final class ApiPullSecrets implements PullSecrets {
    private static final Logger LOG = LoggerFactory.getLogger(ApiPullSecrets.class);

    private final KubernetesClient client;

    /** Reads through a client, which has the node's rights: secrets of pods that are on the node. */
    public ApiPullSecrets(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Found of(Pod pod) {
        List<Secret> secrets = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (LocalObjectReference reference : OrEmpty.of(pod.getSpec().getImagePullSecrets())) {
            String name = OrEmpty.of(reference.getName());
            if (name.isEmpty()) {
                continue;
            }
            try {
                Secret secret = client.secrets()
                        .inNamespace(pod.getMetadata().getNamespace())
                        .withName(name)
                        .get();
                if (secret == null) {
                    missing.add(name);
                } else {
                    secrets.add(secret);
                }
            } catch (KubernetesClientException e) {
                LOG.debug("pull secret {} is not read", name, e);
                missing.add(name);
            }
        }
        return new Found(secrets, missing);
    }
}

package io.keelson.controllers.rootca;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@code kube-root-ca.crt} in every namespace: {@code root-ca-certificate-publisher-controller}. A key is a namespace.
 */
public final class RootCaController implements Controller {
    private static final String NAME = "kube-root-ca.crt";
    private static final String DESCRIPTION = "kubernetes.io/description";
    private static final String TEXT = "Contains a CA bundle that can be used to verify the kube-apiserver when using"
            + " internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed"
            + " across distributions of Kubernetes clusters.";

    private final Map<String, String> data;
    private final KubernetesClient client;
    private final Cache<Namespace> namespaces;
    private final Cache<ConfigMap> configMaps;
    private final SyncFigures figures;

    private RootCaController(RootCaSettings settings, Context context, Setup setup) {
        data = Map.of("ca.crt", settings.rootCa());
        client = context.client();
        figures = new SyncFigures(setup.metrics(), "root_ca_cert_publisher", "namespaces");
        namespaces = setup.watch(Namespace.class);
        configMaps = setup.watch(ConfigMap.class, change -> {
            ConfigMap configMap = change.object();
            return NAME.equals(configMap.getMetadata().getName())
                    ? List.of(new Key("", configMap.getMetadata().getNamespace()))
                    : List.of();
        });
    }

    /** As set, with one worker as the original. */
    public static ControllerDescriptor descriptor(RootCaSettings settings) {
        return new ControllerDescriptor(
                "root-ca-certificate-publisher-controller",
                1,
                (context, setup) -> new RootCaController(settings, context, setup));
    }

    @Override
    public Outcome reconcile(Key key) {
        figures.count(() -> publish(key));
        return Outcome.done();
    }

    private void publish(Key key) {
        Namespace namespace = namespaces.get(key);
        if (namespace == null || namespace.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        ConfigMap current = configMaps.get(key.name(), NAME);
        if (current == null) {
            create(key.name());
        } else if (!isRight(current)) {
            update(current);
        }
    }

    private boolean isRight(ConfigMap current) {
        return data.equals(current.getData())
                && !OrEmpty.of(annotation(current)).isEmpty();
    }

    private static @Nullable String annotation(ConfigMap current) {
        return OrEmpty.of(current.getMetadata().getAnnotations()).get(DESCRIPTION);
    }

    private void create(String namespace) {
        try {
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(NAME)
                            .addToAnnotations(DESCRIPTION, TEXT)
                            .endMetadata()
                            .withData(data)
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            // One that is there already is told of soon, and looked at then.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && !PodCreation.namespaceEnds(e)) {
                throw e;
            }
        }
    }

    private void update(ConfigMap current) {
        try {
            client.resource(new ConfigMapBuilder(current)
                            .editMetadata()
                            .addToAnnotations(DESCRIPTION, TEXT)
                            .endMetadata()
                            .withData(data)
                            .build())
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}

package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
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

/**
 * Gives each active namespace a ServiceAccount {@code default}: {@code serviceaccount-controller}. A key is a namespace.
 */
public final class ServiceAccountController implements Controller {
    private static final String NAME = "default";

    private final KubernetesClient client;
    private final Cache<Namespace> namespaces;
    private final Cache<ServiceAccount> accounts;

    private ServiceAccountController(Context context, Setup setup) {
        client = context.client();
        namespaces = setup.watch(Namespace.class);
        accounts = setup.watch(ServiceAccount.class, change -> {
            ServiceAccount account = change.object();
            return change.deleted() && NAME.equals(account.getMetadata().getName())
                    ? List.of(new Key("", account.getMetadata().getNamespace()))
                    : List.of();
        });
    }

    /** With one worker, as the original. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("serviceaccount-controller", 1, ServiceAccountController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        Namespace namespace = namespaces.get(key);
        if (namespace == null
                || namespace.getMetadata().getDeletionTimestamp() != null
                || namespace.getStatus() == null
                || !"Active".equals(namespace.getStatus().getPhase())
                || accounts.get(key.name(), NAME) != null) {
            return Outcome.done();
        }
        try {
            client.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(key.name())
                            .withName(NAME)
                            .endMetadata()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && !PodCreation.namespaceEnds(e)) {
                throw e;
            }
        }
        return Outcome.done();
    }
}

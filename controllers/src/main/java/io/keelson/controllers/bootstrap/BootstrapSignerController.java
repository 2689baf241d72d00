package io.keelson.controllers.bootstrap;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Signs {@code kube-public/cluster-info} with each bootstrap token that is for it: {@code bootstrap-signer-controller}. There
 * is one key, that ConfigMap.
 */
public final class BootstrapSignerController implements Controller {
    private static final Key CLUSTER_INFO = new Key("kube-public", "cluster-info");
    private static final String TOKENS = "bootstrap tokens";

    private final KubernetesClient client;
    private final Time time;
    private final Cache<ConfigMap> configMaps;
    private final Cache<Secret> secrets;

    private BootstrapSignerController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        configMaps = setup.watch(
                ConfigMap.class,
                change -> Key.of(change.object()).equals(CLUSTER_INFO) ? List.of(CLUSTER_INFO) : List.of());
        secrets = setup.watch(
                Secret.class, change -> BootstrapToken.isIn(change.object()) ? List.of(CLUSTER_INFO) : List.of());
        secrets.index(TOKENS, secret -> BootstrapToken.isIn(secret) ? List.of(TOKENS) : List.of());
    }

    /** With one worker: there is one thing to do. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("bootstrap-signer-controller", 1, BootstrapSignerController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        ConfigMap current = configMaps.get(CLUSTER_INFO);
        if (current == null) {
            return Outcome.done();
        }
        Instant now = time.instant();
        Instant next = Instant.MAX;
        List<BootstrapToken> tokens = new ArrayList<>();
        for (Secret secret : secrets.indexed(TOKENS, TOKENS)) {
            BootstrapToken token = BootstrapToken.forSigning(secret, now);
            if (token != null) {
                tokens.add(token);
                Instant expires = BootstrapToken.expires(secret);
                next = expires.isBefore(next) ? expires : next;
            }
        }
        Map<String, String> data = OrEmpty.of(current.getData());
        Map<String, String> signed = Signatures.signed(data, tokens);
        if (!signed.equals(data)) {
            update(current, signed);
        }
        return next.equals(Instant.MAX) ? Outcome.done() : Outcome.after(Duration.between(now, next));
    }

    private void update(ConfigMap current, Map<String, String> data) {
        try {
            client.resource(new ConfigMapBuilder(current).withData(data).build())
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}

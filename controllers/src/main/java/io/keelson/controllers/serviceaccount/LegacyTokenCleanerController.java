package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.VersionDeletion;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Once a day makes tokens invalid that nobody has used for long, and deletes those that have been invalid for long: {@code
 * legacy-serviceaccount-token-cleaner-controller}. It has no keys.
 */
public final class LegacyTokenCleanerController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(LegacyTokenCleanerController.class);
    private static final Duration PERIOD = Duration.ofDays(1);
    private static final String TRACKING = "kube-apiserver-legacy-service-account-token-tracking";

    private final LegacyTokenCleanerSettings settings;
    private final KubernetesClient client;
    private final Time time;
    private final Cache<Secret> secrets;
    private final Cache<ServiceAccount> accounts;
    private final Cache<Pod> pods;

    private LegacyTokenCleanerController(LegacyTokenCleanerSettings settings, Context context, Setup setup) {
        this.settings = settings;
        client = context.client();
        time = context.time();
        secrets = setup.read(Secret.class);
        accounts = setup.read(ServiceAccount.class);
        pods = setup.read(Pod.class);
        setup.every(PERIOD, this::clean);
    }

    /** With the defaults of the original. */
    public static ControllerDescriptor descriptor() {
        return descriptor(LegacyTokenCleanerSettings.DEFAULT);
    }

    /** As set. */
    public static ControllerDescriptor descriptor(LegacyTokenCleanerSettings settings) {
        return new ControllerDescriptor(
                "legacy-serviceaccount-token-cleaner-controller",
                1,
                (context, setup) -> new LegacyTokenCleanerController(settings, context, setup));
    }

    @Override
    public Outcome reconcile(Key key) {
        return Outcome.done();
    }

    private void clean() {
        LegacyTokens tokens = new LegacyTokens(time.instant(), settings.cleanUpPeriod());
        ConfigMap tracking = client.configMaps()
                .inNamespace("kube-system")
                .withName(TRACKING)
                .get();
        if (tracking == null || !tokens.canTell(OrEmpty.of(tracking.getData()).get("since"))) {
            return;
        }
        Map<String, Set<String>> mounted = new HashMap<>();
        for (Secret secret : secrets.all()) {
            String namespace = secret.getMetadata().getNamespace();
            String account = TokenSecret.account(secret);
            if (account.isEmpty()) {
                continue;
            }
            LegacyTokens.Fate fate = tokens.of(
                    secret,
                    accounts.get(namespace, account),
                    name -> mounted.computeIfAbsent(namespace, this::mounted).contains(name));
            try {
                carryOut(fate, secret, tokens.today());
            } catch (KubernetesClientException e) {
                // One that cannot be written now has time until tomorrow; the others have their turn.
                boolean changed = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                        || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
                if (!changed) {
                    LOG.warn("{} of {}: {}", fate, Key.of(secret), e.getMessage());
                }
            }
        }
    }

    private Set<String> mounted(String namespace) {
        Set<String> names = new HashSet<>();
        pods.in(namespace).forEach(pod -> names.addAll(PodSecrets.of(pod)));
        return names;
    }

    private void carryOut(LegacyTokens.Fate fate, Secret secret, String today) {
        switch (fate) {
            case KEEP -> {}
            case INVALIDATE -> Patch.of(client, secret).merge(LegacyTokens.invalid(secret, today));
            // Of this very version: a use that the cache has not seen yet must count.
            case DELETE -> VersionDeletion.of(client, secret);
        }
    }
}

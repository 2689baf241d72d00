package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Fills Secrets that ask for a service account's token, deletes those whose account is gone, and takes the mention of one that
 * was deleted out of its account: {@code serviceaccount-token-controller}. A key is a Secret.
 */
public final class ServiceAccountTokenController implements Controller {
    private static final String BY_ACCOUNT = "service account of token";

    private final ServiceAccountTokenSettings settings;
    private final KubernetesClient client;
    private final Cache<Secret> secrets;
    private final Cache<ServiceAccount> accounts;
    /** The last state of Secrets that are gone and may be mentioned still; until that is looked at. */
    private final Map<Key, Secret> gone = new ConcurrentHashMap<>();

    private ServiceAccountTokenController(ServiceAccountTokenSettings settings, Context context, Setup setup) {
        this.settings = settings;
        client = context.client();
        Map<Key, Secret> deleted = gone;
        Cache<Secret> watched = setup.watch(Secret.class, change -> concerned(deleted, change));
        secrets = watched;
        secrets.index(
                BY_ACCOUNT,
                secret -> TokenSecret.account(secret).isEmpty()
                        ? List.of()
                        : List.of(secret.getMetadata().getNamespace() + '/' + TokenSecret.account(secret)));
        accounts = setup.watch(ServiceAccount.class, change -> {
            ServiceAccount before = change.before();
            ServiceAccount now = change.now();
            boolean stayed = before != null
                    && now != null
                    && before.getMetadata().getUid().equals(now.getMetadata().getUid());
            return stayed
                    ? List.of()
                    : watched.indexed(BY_ACCOUNT, Key.of(change.object()).toString()).stream()
                            .map(Key::of)
                            .toList();
        });
    }

    /** As set. */
    public static ControllerDescriptor descriptor(ServiceAccountTokenSettings settings) {
        return new ControllerDescriptor(
                "serviceaccount-token-controller",
                settings.workers(),
                (context, setup) -> new ServiceAccountTokenController(settings, context, setup));
    }

    private static List<Key> concerned(Map<Key, Secret> gone, Change<Secret> change) {
        Secret secret = change.object();
        if (TokenSecret.account(secret).isEmpty()) {
            return List.of();
        }
        Key key = Key.of(secret);
        if (change.deleted()) {
            gone.put(key, secret);
        } else {
            gone.remove(key);
        }
        return List.of(key);
    }

    @Override
    public Outcome reconcile(Key key) {
        Secret secret = secrets.get(key);
        if (secret == null) {
            Secret last = gone.get(key);
            if (last != null) {
                removeMention(last);
                gone.remove(key, last);
            }
            return Outcome.done();
        }
        if (TokenSecret.account(secret).isEmpty() || secret.getMetadata().getDeletionTimestamp() != null) {
            return Outcome.done();
        }
        ServiceAccount account = account(secret);
        if (account == null) {
            Deletion.of(client, secret);
            return Outcome.done();
        }
        Secret filled = TokenSecret.filled(secret, account, settings.signer(), settings.rootCa());
        if (filled != null) {
            try {
                client.resource(filled).update();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
            }
        }
        return Outcome.done();
    }

    /** The account of a Secret, read from the API if the cache does not have it: a Secret is not deleted for a slow watch. */
    private @Nullable ServiceAccount account(Secret secret) {
        ServiceAccount cached = accounts.get(secret.getMetadata().getNamespace(), TokenSecret.account(secret));
        if (TokenSecret.isOf(secret, cached)) {
            return cached;
        }
        ServiceAccount live = live(secret);
        return TokenSecret.isOf(secret, live) ? live : null;
    }

    private @Nullable ServiceAccount live(Secret secret) {
        return client.serviceAccounts()
                .inNamespace(secret.getMetadata().getNamespace())
                .withName(TokenSecret.account(secret))
                .get();
    }

    private void removeMention(Secret secret) {
        String name = secret.getMetadata().getName();
        ServiceAccount account = live(secret);
        if (account == null
                || !TokenSecret.isOf(secret, account)
                || OrEmpty.of(account.getSecrets()).stream().noneMatch(mentioned -> name.equals(mentioned.getName()))) {
            return;
        }
        try {
            client.resource(new ServiceAccountBuilder(account)
                            .withSecrets(account.getSecrets().stream()
                                    .filter(mentioned -> !name.equals(mentioned.getName()))
                                    .toList())
                            .build())
                    .update();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}

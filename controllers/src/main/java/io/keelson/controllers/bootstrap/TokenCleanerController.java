package io.keelson.controllers.bootstrap;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.VersionDeletion;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Deletes bootstrap tokens that have expired: {@code token-cleaner-controller}. A key is a Secret. */
public final class TokenCleanerController implements Controller {
    private final KubernetesClient client;
    private final Time time;
    private final Cache<Secret> secrets;

    private TokenCleanerController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        secrets = setup.watch(
                Secret.class,
                change -> BootstrapToken.isIn(change.object()) ? List.of(Key.of(change.object())) : List.of());
    }

    /** With one worker, as the original. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("token-cleaner-controller", 1, TokenCleanerController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        Secret secret = secrets.get(key);
        if (secret == null
                || !BootstrapToken.isIn(secret)
                || secret.getMetadata().getDeletionTimestamp() != null) {
            return Outcome.done();
        }
        Instant expires = BootstrapToken.expires(secret);
        if (expires.equals(Instant.MAX)) {
            return Outcome.done();
        }
        Instant now = time.instant();
        if (expires.isAfter(now)) {
            return Outcome.after(Duration.between(now, expires));
        }
        // Of this very version: somebody may have given it more time.
        VersionDeletion.of(client, secret);
        return Outcome.done();
    }
}

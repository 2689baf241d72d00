package io.keelson.apiserver.admission.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.PodParts;
import io.keelson.apiserver.object.ObjectMeta;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives every pod an account to run as, that account's token as a volume, and its secrets for pulling images. A pod whose
 * account is not there is refused; for the account {@code default}, which a controller makes in every namespace, it waits a
 * little. Where no controllers run this plugin should be off.
 */
public final class ServiceAccount implements AdmissionPlugin {
    private static final String DEFAULT = "default";
    private static final String ENFORCED = "kubernetes.io/enforce-mountable-secrets";
    private static final int LOOKS_FOR_DEFAULT = 10;

    /** What counts as true in Go's flags and annotations. */
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");

    private final ObjectLookup objects;
    private final Duration pause;

    /** @param pause between looks for the account {@code default} where it is not there yet */
    public ServiceAccount(ObjectLookup objects, Duration pause) {
        this.objects = objects;
        this.pause = pause;
    }

    @Override
    public String name() {
        return "ServiceAccount";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = created(request);
        if (pod == null || PodParts.isStatic(pod)) {
            return;
        }
        ObjectNode spec = Fill.object(pod, "spec");
        if (spec.path("serviceAccountName").asText("").isEmpty()) {
            spec.put("serviceAccountName", DEFAULT).put("serviceAccount", DEFAULT);
        }
        ObjectNode account = account(request, spec);
        if (mountsToken(spec, account)) {
            TokenVolume.mount(spec);
        }
        if (spec.path("imagePullSecrets").isEmpty()
                && !account.path("imagePullSecrets").isEmpty()) {
            ArrayNode secrets = spec.putArray("imagePullSecrets");
            account.path("imagePullSecrets")
                    .forEach(secret ->
                            secrets.addObject().put("name", secret.path("name").asText("")));
        }
    }

    /** The pod's word counts before the account's. */
    private static boolean mountsToken(JsonNode spec, JsonNode account) {
        String field = "automountServiceAccountToken";
        return spec.hasNonNull(field)
                ? spec.path(field).asBoolean()
                : account.path(field).asBoolean(true);
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode pod = created(request);
        if (pod != null && PodParts.isStatic(pod)) {
            judgeStatic(request, pod);
        } else if (pod != null) {
            ObjectNode account = account(request, pod.path("spec"));
            if (isEnforced(account)) {
                refuse(request, new MountableSecrets(account).wrongIn(pod.path("spec")));
            }
        } else if (addsEphemeralContainers(request)) {
            ObjectNode changed = request.object();
            if (changed != null && !PodParts.isStatic(changed)) {
                ObjectNode account = account(request, changed.path("spec"));
                if (isEnforced(account)) {
                    refuse(request, new MountableSecrets(account).wrongInEphemeral(changed.path("spec")));
                }
            }
        }
    }

    /** A pod that a node runs of its own accord cannot have what only the API gives. */
    private static void judgeStatic(AdmissionRequest request, ObjectNode pod) {
        JsonNode spec = pod.path("spec");
        if (!spec.path("serviceAccountName").asText("").isEmpty()) {
            throw request.forbidden("a mirror pod may not reference service accounts");
        }
        if (MountableSecrets.anyIn(spec)) {
            throw request.forbidden("a mirror pod may not reference secrets");
        }
        for (JsonNode volume : spec.path("volumes")) {
            for (JsonNode source : volume.path("projected").path("sources")) {
                if (source.has("serviceAccountToken")) {
                    throw request.forbidden("a mirror pod may not use ServiceAccountToken volume projections");
                }
            }
        }
    }

    private static void refuse(AdmissionRequest request, @Nullable String wrong) {
        if (wrong != null) {
            throw request.forbidden(wrong);
        }
    }

    private static boolean isEnforced(ObjectNode account) {
        String enforced = ObjectMeta.annotation(account, ENFORCED);
        return enforced != null && TRUE.contains(enforced);
    }

    private static @Nullable ObjectNode created(AdmissionRequest request) {
        return request.operation() == Operation.CREATE && request.concerns("", "pods") ? request.object() : null;
    }

    private static boolean addsEphemeralContainers(AdmissionRequest request) {
        return request.operation() == Operation.UPDATE
                && request.subresource().equals("ephemeralcontainers")
                && request.resource().name().group().isEmpty()
                && request.resource().name().resource().equals("pods");
    }

    private ObjectNode account(AdmissionRequest request, JsonNode spec) throws InterruptedException {
        String namespace = request.namespace();
        String name = spec.path("serviceAccountName").asText("");
        ObjectNode account = objects.recent("", "serviceaccounts", namespace, name);
        int looks = name.equals(DEFAULT) ? LOOKS_FOR_DEFAULT : 1;
        for (int i = 0; account == null && i < looks; i++) {
            if (i > 0) {
                Thread.sleep(pause);
            }
            account = objects.now("", "serviceaccounts", namespace, name);
        }
        if (account == null) {
            throw request.forbidden("error looking up service account " + namespace + "/" + name + ": serviceaccount \""
                    + name + "\" not found");
        }
        return account;
    }
}

package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts claims and what they request, in all and of each class of storage. */
final class VolumeClaimEvaluator implements Evaluator {
    private static final String CLAIMS = "persistentvolumeclaims";
    private static final String STORAGE = "requests.storage";
    private static final String COUNT = "count/persistentvolumeclaims";
    private static final String OF_CLASS = ".storageclass.storage.k8s.io/";
    private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

    @Override
    public boolean handles(AdmissionRequest request) {
        return switch (request.subresource()) {
            case "" -> request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
            // What is allocated to a claim that grows stands in its status.
            case "status" -> request.operation() == Operation.UPDATE;
            default -> false;
        };
    }

    @Override
    public Map<String, Quantity> usage(JsonNode claim) {
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put(COUNT, Amounts.ONE);
        usage.put(CLAIMS, Amounts.ONE);
        String annotated = ObjectMeta.annotation(claim, OLD_CLASS);
        String storageClass = annotated != null
                ? annotated
                : claim.path("spec").path("storageClassName").asText("");
        JsonNode requested =
                claim.path("spec").path("resources").path("requests").get("storage");
        if (!storageClass.isEmpty()) {
            usage.put(storageClass + OF_CLASS + CLAIMS, Amounts.ONE);
        }
        if (requested != null) {
            Quantity storage = storage(claim, Quantity.of(requested));
            usage.put(STORAGE, storage);
            if (!storageClass.isEmpty()) {
                usage.put(storageClass + OF_CLASS + STORAGE, storage);
            }
        }
        return usage;
    }

    /** The larger of what is requested and what is allocated, in whole bytes. */
    private static Quantity storage(JsonNode claim, Quantity requested) {
        Quantity allocated =
                Quantity.of(claim.path("status").path("allocatedResources").get("storage"));
        Quantity larger = allocated.compareTo(requested) > 0 ? allocated : requested;
        Quantity whole = Quantity.of(larger.value(), larger.style());
        return whole.compareTo(larger) == 0 ? larger : whole;
    }

    @Override
    public boolean uses(String name) {
        return name.equals(COUNT)
                || name.equals(CLAIMS)
                || name.equals(STORAGE)
                || name.endsWith(OF_CLASS + CLAIMS)
                || name.endsWith(OF_CLASS + STORAGE);
    }

    @Override
    public boolean isIn(QuotaScope scope, JsonNode claim) {
        if (!scope.name().equals("VolumeAttributesClass")) {
            return false;
        }
        Set<String> classes = new TreeSet<>();
        for (String place : new String[] {
            "/spec/volumeAttributesClassName",
            "/status/currentVolumeAttributesClassName",
            "/status/modifyVolumeStatus/targetVolumeAttributesClassName"
        }) {
            String name = claim.at(place).asText("");
            if (!name.isEmpty()) {
                classes.add(name);
            }
        }
        return scope.picks(classes);
    }
}

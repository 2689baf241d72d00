package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What objects of a kind use of what quotas limit. */
sealed interface Evaluator
        permits PodEvaluator, VolumeClaimEvaluator, DeviceClaimEvaluator, ServiceEvaluator, CountEvaluator {
    /** Whether a write of this kind may change what is used. */
    boolean handles(AdmissionRequest request);

    /**
     * The same for one object, with what it has to know of others.
     *
     * @param objects where these are found
     */
    default Evaluator knowing(ObjectLookup objects, ObjectNode object) throws InterruptedException {
        return this;
    }

    /** What an object uses, by names as in quotas. */
    Map<String, Quantity> usage(JsonNode object);

    /** Whether objects of this kind may use what a quota calls by this name. */
    boolean uses(String name);

    /** Whether an object is in one of the scopes by which quotas pick objects. */
    default boolean isIn(QuotaScope scope, JsonNode object) {
        return false;
    }

    /**
     * What an object has to say because it is limited, and does not.
     *
     * @param limited by names as in quotas
     * @return in words; null if it says all
     */
    default @Nullable String missing(Set<String> limited, JsonNode object) {
        return null;
    }
}

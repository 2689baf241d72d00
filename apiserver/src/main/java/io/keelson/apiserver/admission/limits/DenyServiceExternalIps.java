package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import java.util.HashSet;
import java.util.Set;

/** Refuses new external addresses of services, by which anybody could take over traffic; those they have they may keep. */
public final class DenyServiceExternalIps implements AdmissionPlugin {
    @Override
    public String name() {
        return "DenyServiceExternalIPs";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode service = request.concerns("", "services") ? request.object() : null;
        if (service == null) {
            return;
        }
        Set<String> added = addresses(service);
        ObjectNode old = request.old();
        if (old != null) {
            added.removeAll(addresses(old));
        }
        if (!added.isEmpty()) {
            throw request.forbidden("Use of external IPs is denied by admission control");
        }
    }

    private static Set<String> addresses(JsonNode service) {
        Set<String> addresses = new HashSet<>();
        service.path("spec").path("externalIPs").forEach(address -> addresses.add(address.asText()));
        return addresses;
    }
}

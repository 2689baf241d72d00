package io.keelson.apiserver.admission.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For whom tokens may be made out that a node asks for: those whom a volume of the pod is meant for, directly or through the
 * driver of the volume, and whom somebody has allowed the node by the verb {@value #VERB}.
 */
record TokenAudiences(ObjectLookup objects, Authorizer authorizer) {
    private static final String VERB = "request-serviceaccounts-token-audience";

    /** Which driver stands for a kind of volume that is built in. */
    private static final Map<String, String> DRIVERS = Map.of(
            "awsElasticBlockStore", "ebs.csi.aws.com",
            "azureDisk", "disk.csi.azure.com",
            "azureFile", "file.csi.azure.com",
            "cinder", "cinder.csi.openstack.org",
            "gcePersistentDisk", "pd.csi.storage.gke.io",
            "portworxVolume", "pxd.portworx.com",
            "vsphereVolume", "csi.vsphere.vmware.com");

    /** Why a token must not be made out as a node asks; null if it may. */
    @Nullable
    String wrong(AdmissionRequest request, JsonNode audiences, ObjectNode pod) throws InterruptedException {
        if (audiences.size() > 1) {
            return "node may only request 0 or 1 audiences";
        }
        String audience = audiences.path(0).asText("");
        if (isMeantBy(pod, audience) || isAllowed(request, audience)) {
            return null;
        }
        return "audience \"" + audience + "\" not found in pod spec volume, "
                + request.user().name() + " is not authorized to request tokens for this audience";
    }

    private boolean isAllowed(AdmissionRequest request, String audience) {
        Attributes attributes = Attributes.ofResource(
                request.user(), VERB, new GroupResource("", audience), "", request.namespace(), request.name());
        return authorizer.authorize(attributes).allowed();
    }

    private boolean isMeantBy(ObjectNode pod, String audience) throws InterruptedException {
        for (JsonNode volume : pod.path("spec").path("volumes")) {
            for (JsonNode source : volume.path("projected").path("sources")) {
                JsonNode token = source.path("serviceAccountToken");
                if (token.isObject() && token.path("audience").asText("").equals(audience)) {
                    return true;
                }
            }
            String driver = driver(pod, volume);
            if (!driver.isEmpty() && asks(driver, audience)) {
                return true;
            }
        }
        return false;
    }

    private boolean asks(String driver, String audience) throws InterruptedException {
        ObjectNode object = objects.recent("storage.k8s.io", "csidrivers", "", driver);
        if (object != null) {
            for (JsonNode request : object.path("spec").path("tokenRequests")) {
                if (request.path("audience").asText("").equals(audience)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Empty if no driver has to do with a volume, or it is not known. */
    private String driver(ObjectNode pod, JsonNode volume) throws InterruptedException {
        String claim = volume.hasNonNull("ephemeral")
                ? ObjectMeta.name(pod) + "-" + volume.path("name").asText()
                : volume.path("persistentVolumeClaim").path("claimName").asText("");
        if (claim.isEmpty()) {
            return driver(volume);
        }
        ObjectNode object = objects.recent("", "persistentvolumeclaims", ObjectMeta.namespace(pod), claim);
        String name =
                object == null ? "" : object.path("spec").path("volumeName").asText("");
        ObjectNode persistent = name.isEmpty() ? null : objects.recent("", "persistentvolumes", "", name);
        return persistent == null ? "" : driver(persistent.path("spec"));
    }

    private static String driver(JsonNode source) {
        for (Map.Entry<String, String> builtIn : DRIVERS.entrySet()) {
            if (source.hasNonNull(builtIn.getKey())) {
                return builtIn.getValue();
            }
        }
        return source.path("csi").path("driver").asText("");
    }
}

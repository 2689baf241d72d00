package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.EditReplacePatchable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

/**
 * Patches one object by one call; the only way in which objects are patched here.
 *
 * <p>An object of which the library is told the name alone it gets before each patch: a second call, which has to wait
 * for its turn too, which the roles of many controllers do not allow, and whose answer is not looked at. An object that
 * it is handed it copies, all of it. So it is handed one that has a name and nothing else.
 *
 * <p>Which version of the object may be changed is for the patch to say: the API compares a uid and a resource version
 * in its metadata with those of the object that has the name.
 *
 * <p>Each method that sends returns the object as the API has it then, and throws {@link KubernetesClientException}:
 * with the API's code if it refuses, as 404 if there is no such object and 409 if it is another one or another version,
 * and with code 0 if it is not known whether anything was written. Any thread.
 *
 * @param <T> the kind
 */
public final class Patch<T extends HasMetadata> {
    private final KubernetesClient client;
    private final T named;
    private final boolean ofStatus;

    private Patch(KubernetesClient client, T named, boolean ofStatus) {
        this.client = client;
        this.named = named;
        this.ofStatus = ofStatus;
    }

    /** A patch of the object that has the kind and the name of this one. */
    @SuppressWarnings("unchecked") // it is the class of such an object
    public static <T extends HasMetadata> Patch<T> of(KubernetesClient client, T object) {
        return of(client, (Class<T>) object.getClass(), Key.of(object));
    }

    /** A patch of an object that is known by name. */
    public static <T extends HasMetadata> Patch<T> of(KubernetesClient client, Class<T> kind, Key key) {
        Map<String, String> metadata = key.namespace().isEmpty()
                ? Map.of("name", key.name())
                : Map.of("namespace", key.namespace(), "name", key.name());
        T named = client.getKubernetesSerialization().convertValue(Map.of("metadata", metadata), kind);
        return new Patch<>(client, named, false);
    }

    /** The same of the object's status, as the API takes that: apart from the rest. */
    public Patch<T> status() {
        return new Patch<>(client, named, true);
    }

    /**
     * Sends a JSON merge patch, by which a list takes the place of the one that is there and null takes a field away.
     *
     * @param change whatever becomes the JSON of the patch
     */
    public T merge(Object change) {
        return send(PatchContext.of(PatchType.JSON_MERGE), change);
    }

    /**
     * Sends a strategic merge patch, by which lists that have keys are merged by them.
     *
     * @param change whatever becomes the JSON of the patch
     */
    public T strategic(Object change) {
        return send(PatchContext.of(PatchType.STRATEGIC_MERGE), change);
    }

    /**
     * Applies fields on the server, and takes those from others that have them. An object that is not there is made,
     * unless the fields have a uid or are of a status.
     *
     * @param fields an object with its kind, its name and what is to be so
     * @param manager whose fields they are
     */
    public T apply(Object fields, String manager) {
        PatchContext context = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(true)
                .build();
        return send(context, fields);
    }

    private T send(PatchContext how, Object what) {
        Resource<T> object = client.resource(named);
        EditReplacePatchable<T> target = ofStatus ? object.subresource("status") : object;
        return target.patch(how, client.getKubernetesSerialization().asJson(what));
    }
}

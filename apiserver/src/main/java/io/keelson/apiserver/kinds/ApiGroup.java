package io.keelson.apiserver.kinds;

import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A group of the API in one version, as the beginning of the kinds in it.
 *
 * @param name empty for the core group
 */
record ApiGroup(String name, String version) {
    static final String ALL = "all";
    static final String API_EXTENSIONS = "api-extensions";

    static final ApiGroup CORE = new ApiGroup("", "v1");
    static final ApiGroup AUTHENTICATION = new ApiGroup("authentication.k8s.io", "v1");
    static final ApiGroup AUTOSCALING_1 = new ApiGroup("autoscaling", "v1");

    private static final Set<Verb> PART = EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE);
    private static final Set<Verb> PROXY = EnumSet.of(Verb.CREATE, Verb.DELETE, Verb.GET, Verb.PATCH, Verb.UPDATE);

    /** A kind in this version, with a schema and columns. */
    Resource.Builder kind(String resource, String kind, List<Column> columns) {
        return Resource.named(name, resource, kind).version(served(kind, columns));
    }

    /** A kind that may be created and is kept nowhere: it is answered. */
    Resource.Builder review(String resource, String kind, List<Column> columns) {
        return kind(resource, kind, columns).verbs(Verb.CREATE);
    }

    ServedVersion served(String kind, List<Column> columns) {
        return served(kind, columns, null);
    }

    ServedVersion served(String kind, List<Column> columns, @Nullable String deprecation) {
        Schema schema = BuiltInSchemas.find(name, version, kind);
        if (schema == null) {
            throw new IllegalStateException(
                    "There is no schema of " + groupVersion().kind(kind));
        }
        return new ServedVersion(version, schema, deprecation, columns);
    }

    GroupVersion groupVersion() {
        return new GroupVersion(name, version);
    }

    /** The status of objects of a kind, as a subresource. */
    Subresource status(String kind) {
        return part(Subresource.STATUS, kind);
    }

    /** Something that is read and changed as an object of this kind. */
    Subresource part(String subresource, String kind) {
        return new Subresource(subresource, groupVersion().kind(kind), PART);
    }

    /** Something that is asked for or done by an object of this kind. */
    Subresource call(String subresource, String kind, Verb verb, Verb... more) {
        return new Subresource(subresource, groupVersion().kind(kind), EnumSet.of(verb, more));
    }

    /** A way through to what stands behind an object. */
    Subresource proxy(String options) {
        return new Subresource(Subresource.PROXY, groupVersion().kind(options), PROXY);
    }

    /** How many there are to be, the same for every kind that can be scaled. */
    static Subresource scale() {
        return AUTOSCALING_1.part(Subresource.SCALE, "Scale");
    }
}

package io.keelson.apiserver.openapi;

import io.keelson.apiserver.resource.GroupVersion;
import java.util.List;
import java.util.Map;

/** The paths at which groups, versions and resources are told, and the version of the server. */
final class CommonPaths {
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String VERSION_INFO = "io.k8s.apimachinery.pkg.version.Info";
    private static final List<String> FORMATS =
            List.of("application/json", "application/yaml", "application/vnd.kubernetes.protobuf");
    private static final List<String> JSON = List.of("application/json");

    private CommonPaths() {}

    /** {@code /api/}: the versions of the core group. */
    static PathItem core() {
        return item("/api/", "getCoreAPIVersions", "get available API versions", "core", META + "APIVersions", FORMATS);
    }

    /** {@code /apis/}: all groups. */
    static PathItem groups() {
        return item("/apis/", "getAPIVersions", "get available API versions", "apis", META + "APIGroupList", FORMATS);
    }

    /** {@code /apis/<group>/}. */
    static PathItem group(String group) {
        String name = ResourcePaths.groupName(group);
        return item(
                "/apis/" + group + "/",
                "get" + ResourcePaths.capital(name) + "APIGroup",
                "get information of a group",
                name,
                META + "APIGroup",
                FORMATS);
    }

    /** {@code /api/<version>/} or {@code /apis/<group>/<version>/}: what is served in a version. */
    static PathItem resources(GroupVersion groupVersion) {
        boolean core = groupVersion.group().isEmpty();
        return item(
                (core ? "/api/" : "/apis/") + groupVersion + "/",
                "get" + ResourcePaths.capital(ResourcePaths.groupName(groupVersion.group()))
                        + ResourcePaths.capital(groupVersion.version()) + "APIResources",
                "get available resources",
                ResourcePaths.tag(groupVersion),
                META + "APIResourceList",
                FORMATS);
    }

    /** {@code /version/}. */
    static PathItem version() {
        return item(
                "/version/",
                "getCodeVersion",
                "get the version information for this server",
                "version",
                VERSION_INFO,
                JSON);
    }

    private static PathItem item(
            String path, String id, String description, String tag, String answer, List<String> formats) {
        Operation get = new Operation(
                "get", id, description, tag, "", null, List.of(), "", false, formats, formats, Map.of(200, answer));
        return new PathItem(path, List.of(), List.of(get));
    }
}

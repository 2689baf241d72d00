package io.keelson.apiserver.kinds;

import static io.keelson.apiserver.kinds.ApiGroup.AUTHENTICATION;

import io.keelson.apiserver.kinds.certificates.CertificateSigningRequestStrategy;
import io.keelson.apiserver.kinds.flow.FlowSchemaStrategy;
import io.keelson.apiserver.kinds.flow.PriorityLevelStrategy;
import io.keelson.apiserver.kinds.rbac.RoleBindingStrategy;
import io.keelson.apiserver.kinds.rbac.RoleStrategy;
import io.keelson.apiserver.printing.GenericColumns;
import io.keelson.apiserver.printing.PolicyColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds by which it is said who may do what, and how much of it. */
final class AccessKinds {
    private static final ApiGroup AUTHORIZATION = new ApiGroup("authorization.k8s.io", "v1");
    private static final ApiGroup CERTIFICATES = new ApiGroup("certificates.k8s.io", "v1");
    private static final ApiGroup RBAC = new ApiGroup("rbac.authorization.k8s.io", "v1");
    private static final ApiGroup FLOW = new ApiGroup("flowcontrol.apiserver.k8s.io", "v1");

    private AccessKinds() {}

    static List<Resource> authentication() {
        return List.of(
                AUTHENTICATION
                        .review("selfsubjectreviews", "SelfSubjectReview", GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .build(),
                AUTHENTICATION
                        .review("tokenreviews", "TokenReview", GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .build());
    }

    static List<Resource> authorization() {
        return List.of(
                AUTHORIZATION
                        .review(
                                "localsubjectaccessreviews",
                                "LocalSubjectAccessReview",
                                GenericColumns.NAME_AND_CREATED_AT)
                        .build(),
                AUTHORIZATION
                        .review(
                                "selfsubjectaccessreviews",
                                "SelfSubjectAccessReview",
                                GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .build(),
                AUTHORIZATION
                        .review("selfsubjectrulesreviews", "SelfSubjectRulesReview", GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .build(),
                AUTHORIZATION
                        .review("subjectaccessreviews", "SubjectAccessReview", GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .build());
    }

    static Resource signingRequests() {
        String kind = "CertificateSigningRequest";
        return CERTIFICATES
                .kind("certificatesigningrequests", kind, PolicyColumns.CERTIFICATE_REQUESTS)
                .clusterScoped()
                .shortNames("csr")
                .subresource(CERTIFICATES.status(kind))
                .subresource(CERTIFICATES.part("approval", kind))
                .strategy(new CertificateSigningRequestStrategy())
                .build();
    }

    static List<Resource> roles() {
        return List.of(
                RBAC.kind("clusterrolebindings", "ClusterRoleBinding", PolicyColumns.ROLE_BINDINGS)
                        .clusterScoped()
                        .strategy(new RoleBindingStrategy(false))
                        .build(),
                RBAC.kind("clusterroles", "ClusterRole", GenericColumns.NAME_AND_CREATED_AT)
                        .clusterScoped()
                        .strategy(new RoleStrategy(false))
                        .build(),
                RBAC.kind("rolebindings", "RoleBinding", PolicyColumns.ROLE_BINDINGS)
                        .strategy(new RoleBindingStrategy(true))
                        .build(),
                RBAC.kind("roles", "Role", GenericColumns.NAME_AND_CREATED_AT)
                        .strategy(new RoleStrategy(true))
                        .build());
    }

    static List<Resource> flows() {
        return List.of(
                FLOW.kind("flowschemas", "FlowSchema", PolicyColumns.FLOW_SCHEMAS)
                        .clusterScoped()
                        .subresource(FLOW.status("FlowSchema"))
                        .strategy(new FlowSchemaStrategy())
                        .build(),
                FLOW.kind("prioritylevelconfigurations", "PriorityLevelConfiguration", PolicyColumns.PRIORITY_LEVELS)
                        .clusterScoped()
                        .subresource(FLOW.status("PriorityLevelConfiguration"))
                        .strategy(new PriorityLevelStrategy())
                        .build());
    }
}

package io.keelson.apiserver.kinds;

import static io.keelson.apiserver.kinds.ApiGroup.API_EXTENSIONS;

import io.keelson.apiserver.kinds.admission.AdmissionPolicyBindingStrategy;
import io.keelson.apiserver.kinds.admission.AdmissionPolicyStrategy;
import io.keelson.apiserver.kinds.admission.WebhookConfigurationStrategy;
import io.keelson.apiserver.kinds.extensions.ApiServiceStrategy;
import io.keelson.apiserver.kinds.extensions.CustomResourceDefinitionStrategy;
import io.keelson.apiserver.printing.GenericColumns;
import io.keelson.apiserver.printing.PolicyColumns;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/** The kinds by which the API is extended. */
final class ExtensionKinds {
    private static final ApiGroup ADMISSION = new ApiGroup("admissionregistration.k8s.io", "v1");
    private static final ApiGroup EXTENSIONS = new ApiGroup("apiextensions.k8s.io", "v1");
    private static final ApiGroup REGISTRATION = new ApiGroup("apiregistration.k8s.io", "v1");

    private ExtensionKinds() {}

    static List<Resource> admission() {
        return List.of(
                ADMISSION
                        .kind("mutatingadmissionpolicies", "MutatingAdmissionPolicy", PolicyColumns.MUTATING_POLICIES)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .strategy(new AdmissionPolicyStrategy(true))
                        .build(),
                ADMISSION
                        .kind(
                                "mutatingadmissionpolicybindings",
                                "MutatingAdmissionPolicyBinding",
                                PolicyColumns.POLICY_BINDINGS)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .strategy(new AdmissionPolicyBindingStrategy(true))
                        .build(),
                ADMISSION
                        .kind("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", PolicyColumns.WEBHOOKS)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .strategy(new WebhookConfigurationStrategy(true))
                        .build(),
                ADMISSION
                        .kind(
                                "validatingadmissionpolicies",
                                "ValidatingAdmissionPolicy",
                                PolicyColumns.VALIDATING_POLICIES)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .subresource(ADMISSION.status("ValidatingAdmissionPolicy"))
                        .strategy(new AdmissionPolicyStrategy(false))
                        .build(),
                ADMISSION
                        .kind(
                                "validatingadmissionpolicybindings",
                                "ValidatingAdmissionPolicyBinding",
                                PolicyColumns.POLICY_BINDINGS)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .strategy(new AdmissionPolicyBindingStrategy(false))
                        .build(),
                ADMISSION
                        .kind(
                                "validatingwebhookconfigurations",
                                "ValidatingWebhookConfiguration",
                                PolicyColumns.WEBHOOKS)
                        .clusterScoped()
                        .categories(API_EXTENSIONS)
                        .strategy(new WebhookConfigurationStrategy(false))
                        .build());
    }

    static Resource definitions() {
        return EXTENSIONS
                .kind("customresourcedefinitions", "CustomResourceDefinition", GenericColumns.NAME_AND_CREATED_AT)
                .clusterScoped()
                .shortNames("crd", "crds")
                .categories(API_EXTENSIONS)
                .storagePath("apiextensions.k8s.io/customresourcedefinitions")
                .subresource(EXTENSIONS.status("CustomResourceDefinition"))
                .strategy(new CustomResourceDefinitionStrategy())
                .build();
    }

    static Resource apiServices() {
        return REGISTRATION
                .kind("apiservices", "APIService", PolicyColumns.API_SERVICES)
                .clusterScoped()
                .categories(API_EXTENSIONS)
                .storagePath("apiregistration.k8s.io/apiservices")
                .subresource(REGISTRATION.status("APIService"))
                .strategy(new ApiServiceStrategy())
                .build();
    }
}

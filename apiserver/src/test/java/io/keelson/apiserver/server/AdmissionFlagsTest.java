package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionPlugins;
import io.keelson.apiserver.admission.NoKinds;
import io.keelson.apiserver.admission.TestObjects;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.webhook.WebhookClient;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class AdmissionFlagsTest {
    private static List<String> chain(boolean controllers, String... flags) {
        AdmissionSettings settings =
                CommandLine.populateCommand(new AdmissionFlags(), flags).settings(controllers);
        TestObjects objects = new TestObjects();
        try (WebhookClient webhooks = new WebhookClient(objects)) {
            return Admission.of(objects, NoKinds.AT_ALL, Authorizer.ALWAYS_DENY, settings, webhooks, InstantSource.system())
                    .plugins()
                    .stream()
                    .map(AdmissionPlugin::name)
                    .toList();
        }
    }

    @Test
    void accountsAreAskedForOnlyWhereControllersMakeThemOrByFlag() {
        assertTrue(chain(true).contains("ServiceAccount"));
        assertFalse(chain(false).contains("ServiceAccount"));
        assertTrue(chain(false, "--enable-admission-plugins=ServiceAccount").contains("ServiceAccount"));
        assertFalse(chain(true, "--disable-admission-plugins=ServiceAccount,LimitRanger")
                .contains("ServiceAccount"));
    }

    @Test
    void everyPluginKnowsItsName() {
        List<String> known = AdmissionPlugins.ORDER.stream()
                .filter(name -> {
                    try {
                        return chain(false, "--enable-admission-plugins=" + name)
                                .contains(name);
                    } catch (IllegalArgumentException e) {
                        return false;
                    }
                })
                .toList();
        assertTrue(known.containsAll(List.of("NamespaceLifecycle", "LimitRanger", "Priority", "ResourceQuota")));
        assertEquals(known, chain(false, "--enable-admission-plugins=" + String.join(",", known)));
    }

    @Test
    void helpSaysWhenAccountsAreAskedFor() {
        String help = new CommandLine(new ApiServerCommand()).getUsageMessage().replaceAll("\\s+", " ");
        assertTrue(help.contains("ServiceAccount does by default only with --etcd-servers"), help);
    }
}

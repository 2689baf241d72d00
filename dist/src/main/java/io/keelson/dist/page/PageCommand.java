package io.keelson.dist.page;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.dist.KubeconfigOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson ui}: says where the web page is, and makes a token to log in with. */
@Command(
        name = "ui",
        mixinStandardHelpOptions = true,
        description = {
            "Says where the cluster's web page is, and makes a token to log in with.",
            "The token is that of a service account, keelson-ui-ROLE in the namespace kube-system, which is made with its"
                    + " ClusterRoleBinding if it is not there. It ends by itself; deleting the account ends all of its"
                    + " tokens within seconds: kubectl -n kube-system delete serviceaccount keelson-ui-ROLE"
        })
public final class PageCommand implements Callable<Integer> {
    private static final Duration CALL_MAX = Duration.ofSeconds(20);

    /** What an API gives at least. */
    private static final Duration LIFE_MIN = Duration.ofMinutes(10);

    /** Names that can be a part of an account's name as well. */
    private static final Pattern ROLE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?");

    @Spec
    private CommandSpec spec;

    @Mixin
    private KubeconfigOption kubeconfig;

    @Option(
            names = "--role",
            defaultValue = "cluster-admin",
            paramLabel = "NAME",
            description = "The ClusterRole that the token has, as view or edit. Default: cluster-admin")
    private String role;

    @Option(
            names = "--duration",
            defaultValue = "1h",
            paramLabel = "DURATION",
            description = "How long the token lives, 10m at least. Default: 1h")
    private String duration;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            Duration life = life();
            if (!ROLE.matcher(role).matches()) {
                throw new IllegalArgumentException(
                        "--role: \"" + role + "\" cannot be a part of an account's name: name a"
                                + " ClusterRole of at most 52 small letters, digits and dashes");
            }
            Config config = kubeconfig.config();
            try (KubernetesClient client = ApiClient.of(config, CALL_MAX, List.of())) {
                tell(client, life);
            }
            return 0;
        } catch (KubernetesClientException | IOException | IllegalArgumentException e) {
            err.println("keelson ui: " + e.getMessage());
            return 1;
        }
    }

    private Duration life() {
        Duration life;
        try {
            life = GoDuration.length(duration);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--duration: " + e.getMessage(), e);
        }
        if (life.compareTo(LIFE_MIN) < 0) {
            throw new IllegalArgumentException("--duration: a token lives for 10m at least, not for " + duration);
        }
        return life;
    }

    private void tell(KubernetesClient client, Duration life) throws IOException, InterruptedException {
        String page = client.getMasterUrl().toString().replaceFirst("/*$", "/ui/");
        requirePage(client, page);
        if (client.rbac().clusterRoles().withName(role).get() == null) {
            throw new IllegalArgumentException("--role: there is no ClusterRole \"" + role + '"');
        }
        PageAccount account = new PageAccount(role);
        account.make(client);
        TokenRequest token = account.token(client, life);
        PrintWriter out = spec.commandLine().getOut();
        out.println("The page is at " + page);
        out.println("Log in with this token of " + account.user() + ",");
        out.println("which has the ClusterRole " + role + " and lives until "
                + token.getStatus().getExpirationTimestamp() + ":");
        out.println();
        out.println(token.getStatus().getToken());
        out.println();
        out.println(
                "A browser warns of the certificate if it does not know the cluster's authority, which stands in the"
                        + " kubeconfig.");
        out.flush();
    }

    /** Nobody is given a token for a page that is not there. */
    private static void requirePage(KubernetesClient client, String page) throws IOException, InterruptedException {
        var answer = client.getHttpClient()
                .sendAsync(
                        client.getHttpClient().newHttpRequestBuilder().uri(page).build(), String.class);
        HttpResponse<String> response;
        try {
            response = answer.get(CALL_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException("the API server at " + page + " cannot be reached: " + cause.getMessage(), e);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException(page + " has not answered within " + CALL_MAX.toSeconds() + " s", e);
        }
        if (response.code() != HttpURLConnection.HTTP_OK) {
            throw new IOException("there is no page at " + page + " (HTTP " + response.code()
                    + "): that API server runs with --enable-ui=false, or is another program");
        }
    }
}

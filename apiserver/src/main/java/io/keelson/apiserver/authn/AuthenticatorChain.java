package io.keelson.apiserver.authn;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All ways to show who one is, in the order in which they are tried.
 *
 * @param requests for requests
 * @param tokens for token reviews: the same tokens, without their requests
 */
public record AuthenticatorChain(Authenticator requests, TokenAuthenticator tokens) {
    public static Builder builder(List<String> serverAudiences, InstantSource clock) {
        return new Builder(serverAudiences, clock);
    }

    /** Collects what there is; the order of the calls does not matter. */
    public static final class Builder {
        private final List<String> serverAudiences;
        private final InstantSource clock;
        private @Nullable Authenticator frontProxy;
        private @Nullable Authenticator certificates;
        private @Nullable Authenticator anonymous;
        private @Nullable TokenAuthenticator tokenFile;
        private @Nullable TokenAuthenticator serviceAccounts;
        private @Nullable TokenAuthenticator bootstrapTokens;
        private @Nullable TokenAuthenticator issuers;
        private @Nullable TokenAuthenticator webhook;

        private Builder(List<String> serverAudiences, InstantSource clock) {
            this.serverAudiences = List.copyOf(serverAudiences);
            this.clock = clock;
        }

        public Builder frontProxy(FrontProxyAuthenticator authenticator) {
            frontProxy = authenticator;
            return this;
        }

        public Builder certificates(ClientCertificateAuthenticator authenticator) {
            certificates = authenticator;
            return this;
        }

        public Builder tokenFile(TokenFile file) {
            tokenFile = file.forAudiences(serverAudiences);
            return this;
        }

        public Builder serviceAccounts(ServiceAccountTokens authenticator) {
            serviceAccounts = authenticator;
            return this;
        }

        public Builder bootstrapTokens(BootstrapTokens authenticator) {
            bootstrapTokens = authenticator.forAudiences(serverAudiences);
            return this;
        }

        public Builder issuers(ConfiguredIssuers authenticator) {
            issuers = authenticator;
            return this;
        }

        /** @param authenticator with a cache of its own around it */
        public Builder webhook(TokenAuthenticator authenticator) {
            webhook = authenticator;
            return this;
        }

        public Builder anonymous(Authenticator authenticator) {
            anonymous = authenticator;
            return this;
        }

        public AuthenticatorChain build() {
            List<TokenAuthenticator> known = new ArrayList<>();
            add(known, tokenFile);
            add(known, serviceAccounts);
            add(known, bootstrapTokens);
            add(known, issuers);
            add(known, webhook);
            TokenAuthenticator tokens = TokenCache.ordinary(TokenAuthenticator.union(known), clock);
            List<Authenticator> ways = new ArrayList<>();
            add(ways, frontProxy);
            add(ways, certificates);
            ways.add(new BearerAuthenticator(tokens));
            Authenticator shown = Authenticator.union(ways);
            Authenticator nobody = anonymous;
            return new AuthenticatorChain(nobody == null ? shown : shown.orIfNothingShown(nobody), tokens);
        }

        private static <T> void add(List<T> list, @Nullable T element) {
            if (element != null) {
                list.add(element);
            }
        }
    }
}

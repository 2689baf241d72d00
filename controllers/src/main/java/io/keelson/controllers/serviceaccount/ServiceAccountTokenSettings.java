package io.keelson.controllers.serviceaccount;

/**
 * What can be set. There is no default: without a key there are no tokens, and the loop is not run.
 *
 * @param workers {@code --concurrent-serviceaccount-token-syncs}, 5 by default
 * @param signer with the key of {@code --service-account-private-key-file}
 * @param rootCa PEM of {@code --root-ca-file}, which tokens' Secrets hold; empty for none
 */
public record ServiceAccountTokenSettings(int workers, TokenSigner signer, String rootCa) {}

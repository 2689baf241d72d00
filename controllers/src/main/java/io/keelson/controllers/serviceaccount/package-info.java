/**
 * The room of the accounts that pods act as. Three loops: {@link
 * io.keelson.controllers.serviceaccount.ServiceAccountController} gives each namespace its {@code default} account; {@link
 * io.keelson.controllers.serviceaccount.ServiceAccountTokenController} signs tokens into the Secrets that ask for one, and
 * deletes those whose account is gone; {@link io.keelson.controllers.serviceaccount.LegacyTokenCleanerController} takes away
 * tokens of old that nobody has used for a year. What decides about a token is in {@link
 * io.keelson.controllers.serviceaccount.LegacyTokens}, what signs is {@link
 * io.keelson.controllers.serviceaccount.TokenSigner}; neither knows the API.
 */
@NullMarked
package io.keelson.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;

//! The list of cases: the one place that names them.

use topper_testkit::Fault;

use super::{Bench, Case, body, connection, endpoint, event, handler, header, http2, key, source};

/// Hands the list to another macro, after arguments for it.
#[doc(hidden)]
#[macro_export]
macro_rules! __adapter_cases {
    ([$($then:tt)*] [$($arguments:tt)*]) => {
        $($then)* ! {
            [$($arguments)*]
            mod event {
                accepts_every_documented_event "all 19 events reach the handler, typed"
                hands_on_the_bytes_that_were_signed "the handler gets the exact bytes, including white space"
                accepts_an_event_of_an_unknown_name "an unknown event reaches the handler"
                accepts_a_known_event_that_does_not_fit "a known event whose data cannot be read reaches the handler, with the reason"
                accepts_unknown_members_and_values "unknown fields and unknown values of enumerations do no harm"
                accepts_the_oldest_shape "an event in the format of 2023 reaches the handler"
                keeps_amounts_to_the_byte "amounts keep their exact text"
                keeps_authentic_text_that_is_not_json "500 `event_unreadable`, which is retried"
                keeps_authentic_json_that_is_no_object "500, also for an array with the right values"
                keeps_an_envelope_without_id_or_name "500"
                keeps_an_envelope_with_a_duplicate_member "500, also if its name is escaped"
                keeps_an_envelope_that_is_not_utf_8 "500"
                keeps_an_empty_body "500 for a signed empty body"
                survives_deep_nesting "20,000 levels crash neither the process nor the connection"
                accepts_ids_of_1_to_255_bytes "including NUL; an empty or longer id is 500"
            }
            mod handler {
                answers_with_its_outcome "every `Outcome` gets its status and its code"
                answers_in_place_of_a_handler "200 `accepted`, as from a receiver that stores the event; also `duplicate` and `retry`"
                answers_its_failure_so_that_it_is_retried "503 `retry` for an error, each time"
                answers_its_panic_so_that_it_is_retried "500 `panicked`, and the next delivery is handled"
                answers_a_known_event_that_cannot_be_read_so_that_it_is_retried "503 `retry`, by `?` on `Webhook::event`"
                goes_on_when_the_connection_drops "the handler finishes its work although no one waits for the answer"
                has_one_line_in_the_log_with_its_outcome "with label, key, event id and name; at ERROR also with the cause"
            }
            mod header {
                finds_the_signature_in_any_case "header names are case-insensitive; two spellings count as two lines"
                accepts_white_space_around_the_signature "white space around a header's value is not part of it"
                does_not_look_at_the_content_type "missing, odd, broken or repeated: never 415"
                does_not_look_at_other_headers "other headers change nothing"
                does_not_take_the_signature_from_elsewhere "401 for a signature in a cookie, another header, or the query"
                accepts_a_query "a query in the URL changes nothing"
                accepts_a_signature_of_the_largest_size "8 KiB are accepted, more is 401"
                counts_lines_that_are_not_text "401 for a signature, or a second one, that is not UTF-8"
                checks_in_the_order_of_the_rules "signature before declared length"
            }
            mod body {
                accepts_a_body_of_the_limit "256 KiB with a declared length"
                accepts_a_chunked_body_of_the_limit "256 KiB in chunks: never 411"
                refuses_one_byte_more "413"
                refuses_one_chunked_byte_more "413"
                refuses_an_endless_chunked_body "413 while the body is still being sent"
                refuses_a_declared_length_before_the_body_comes "413 at once, also for lengths over 2³²"
                has_no_limit_but_the_configured_one "16 MiB are accepted when configured so, 4 KiB + 1 are not"
                accepts_a_body_that_drips "a body in ten parts over 200 ms"
                times_out_a_slow_body "408 after 2 s, which is retried"
                times_out_a_slow_chunked_body "408 inside and between chunks"
                times_out_a_body_that_has_hardly_begun "408 for a body that never begins, and after 1 and 13 bytes"
                times_out_a_body_that_drips_for_ever "408: the time limit is for the whole body"
                refuses_a_body_that_broke_off "400, even one byte before the end"
                refuses_a_chunked_body_that_broke_off "400, even when only the last chunk is missing"
                refuses_chunks_that_cannot_be_read "400"
                does_not_decompress "the signature is over the bytes on the wire, whatever `Content-Encoding` says"
                answers_who_waits_before_sending_the_body "`Expect: 100-continue` is served"
            }
            mod connection {
                carries_two_deliveries "two deliveries over one connection"
                carries_a_genuine_delivery_after_a_forged_one "a refused signature does not close the connection for the next delivery"
                does_not_lend_its_signature_to_the_next_request "each request needs its own signature"
                may_end_at_any_byte "clients that hang up at any byte do no harm"
                serves_many_at_once "64 deliveries at once, each handled once"
            }
            mod http2 {
                accepts_a_body_in_any_pieces "with and without a declared length"
                refuses_forgeries "and keeps serving the connection"
                limits_the_body "256 KiB are accepted, one byte more is 413"
                times_out_a_slow_body "408 after 2 s"
                does_not_hand_on_a_body_that_was_reset "a stream that is reset does not reach the handler, even if only its end is missing"
                serves_many_streams_at_once "64 on one connection, each handled once"
            }
            mod source {
                is_not_looked_at_when_off "any source is accepted, and nothing is counted"
                is_only_counted_unless_enforced "`Observe` accepts and counts"
                is_the_peer_of_the_socket "and not the address in a header"
                is_the_same_peer_when_mapped_to_ipv6 "`::ffff:127.0.0.1` is `127.0.0.1`"
                is_unknown_when_a_private_peer_is_no_trusted_proxy "503, which is retried"
                is_checked_before_the_signature "403 or 503 whatever the signature"
                is_not_believed_from_anyone "20 forwarding headers in 7 spellings from an untrusted peer"
                is_not_believed_from_a_header_that_is_not_the_configured_one "only the configured header counts"
                is_named_in_x_forwarded_for "from the right, over all lines, past trusted proxies"
                cannot_be_spoofed_in_x_forwarded_for "403 in every position; 503 if an entry on the way is not an address"
                is_unknown_behind_lines_that_are_not_text "503: an address that a proxy appended to bytes that are not UTF-8 is ignored"
                is_named_in_forwarded "RFC 7239, quoted and bracketed"
                is_named_in_a_header_of_one_address "exactly one line with exactly one address"
            }
            mod key {
                has_a_wrong_signature_retried_until_one_was_right "503 `key_unproven`, then 401"
                refuses_a_wrong_signature_at_once_when_told_so "401 from the start"
                is_proven_by_an_event_it_cannot_read "the signature counts, not the event"
                is_replaced_without_a_restart "old, both, new; each key is proven separately"
                is_replaced_under_load "over 40 replacements, no delivery of a key that stays is lost"
            }
            mod endpoint {
                keeps_two_webhooks_apart "each has its own keys and label; a token of one is 401 at the other"
                counts_what_is_proven_for_each "a key that is proven at one is not proven at the other"
                answers_other_methods_without_the_handler "the framework's 400, 404 or 405"
                survives_a_head_that_is_too_large "the framework's 400, 413 or 431, or a closed connection, for headers of 1 MiB"
            }
            faults {
                flipped_body_bit
                flipped_last_body_bit
                reserialized_body
                truncated_body
                empty_body
                body_with_bom
                body_with_newline
                body_with_crlf
                body_twice
                wrong_key
                right_kid_with_wrong_key
                unknown_kid
                embedded_jwk
                embedded_jku
                embedded_x5u
                embedded_x5c
                hs256_with_jwk
                hs256_with_point
                hs256_with_coordinates
                hs256_with_spki
                hs256_with_pem
                hs256_with_empty_secret
                hs384_with_jwk
                hs384_with_point
                hs384_with_coordinates
                hs384_with_spki
                hs384_with_pem
                hs512_with_jwk
                hs512_with_point
                hs512_with_coordinates
                hs512_with_spki
                hs512_with_pem
                hmac_under_the_name_of_es256
                flipped_signature_bit
                zero_r_and_s
                zero_r
                zero_s
                one_r_and_s
                order_as_r
                order_as_s
                largest_r_and_s
                swapped_r_and_s
                der_signature
                signature_of_63_bytes
                signature_of_65_bytes
                signature_twice
                empty_token
                header_alone
                signature_alone
                no_dot
                one_dot
                three_dots
                four_dots
                trailing_dot
                attached_payload
                attached_other_payload
                padded_signature
                padded_header
                standard_alphabet
                standard_base64
                non_canonical_trailing_bits
                space_inside
                tab_inside
                bearer_scheme
                quoted_token
                byte_that_is_not_ascii
                flattened_json
                general_json
                flipped_header_bit
                reserialized_header
                alg_none_without_signature
                alg_none
                alg_none_capitalized
                alg_none_upper_case
                alg_none_mixed_case
                alg_empty
                alg_missing
                alg_null
                alg_number
                alg_list
                alg_lower_case
                alg_es384
                alg_rs256
                alg_eddsa
                kid_number
                crit
                crit_empty
                crit_escaped
                b64_false
                b64_true
                b64_false_and_crit
                unencoded_payload
                duplicate_alg
                duplicate_alg_none
                duplicate_escaped_alg
                duplicate_unknown_member
                header_list
                header_string
                header_null
                header_twice
                header_with_trailing_comma
                header_with_bom
                header_not_json
                header_not_utf_8
                header_deeply_nested
                oversized_header
                missing_header
                header_of_another_name
                two_header_lines
                another_header_line_after
                another_header_line_before
                comma_joined_tokens
                comma_and_space_joined_tokens
            }
        }
    };
}

macro_rules! cases {
    (
        []
        $(mod $module:ident { $($case:ident $about:literal)* })*
        faults { $($fault:ident)* }
    ) => {
        /// Every case, in order.
        ///
        /// | case | what must hold |
        /// |---|---|
        $($(#[doc = concat!("| `", stringify!($module), "::", stringify!($case), "` | ", $about, " |")])*)*
        /// | `fault::` and the name of a [`Fault`] | the forgery gets its reply, and the next genuine delivery is accepted |
        ///
        /// The faults:
        $(#[doc = concat!("`", stringify!($fault), "`")])*
        pub const CASES: &[Case] = &[
            $($(Case {
                name: concat!(stringify!($module), "::", stringify!($case)),
                about: $about,
                run: |bench| Box::pin($module::$case(bench)),
            },)*)*
            $(Case {
                name: concat!("fault::", stringify!($fault)),
                about: "the forgery gets its reply, and the next genuine delivery is accepted",
                run: |bench| Box::pin(refuses_fault(bench, stringify!($fault))),
            },)*
        ];
    };
}
__adapter_cases! { [cases] [] }

async fn refuses_fault(bench: &Bench, name: &str) {
    let fault = Fault::named(name).unwrap();
    let receiver = bench.proven().await;
    let genuine = receiver.completed();
    receiver.refuses(&fault.forge(&receiver.first.key, &genuine.body), fault.reply()).await;
    receiver.accepts(&genuine).await;
}

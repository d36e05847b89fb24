//! The code that stands for `#[derive(Record)]`: checks of the layout at compile time, and the
//! implementation of `Element` that relies on them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use crate::input::{Input, Member, Role};

pub(crate) fn expand(input: &Input) -> TokenStream {
    let Input { name, members } = input;
    let checks = checks(name, members);
    let fields = members.iter().filter_map(|member| field(name, member));
    quote! {
        #checks

        // The checks above prove that the struct is its members side by side, from the first byte to
        // the last, and that each is an `Element` or padding of the type `[u8; N]`. `Copy`, `Send`,
        // `Sync` and `'static` are for the compiler to see to.
        //
        // SAFETY: the size is the one given to `dtype`, and no byte lies outside a member, so all are
        // initialised. Bytes are a value if they are one for each member: any are for `[u8; N]`, and
        // for an `Element` any of which the bools are 0 or 1, which the dtype has at their offsets.
        // The dtypes of the members are in native byte order, hence so is that of the struct.
        #[automatically_derived]
        unsafe impl ::savez::Element for #name {
            fn dtype() -> ::savez::DType {
                ::savez::__private::dtype([#(#fields),*], ::core::mem::size_of::<#name>())
            }
        }
    }
}

/// Does not compile unless the members are all there are, without a gap, and small enough.
fn checks(name: &Ident, members: &[Member]) -> TokenStream {
    let idents = members.iter().map(|member| &member.ident);
    let mut end = quote!(0);
    let mut checks = TokenStream::new();
    let repair = "use `#[repr(C, packed)]`, or put a field `#[savez(pad)] _pad: [u8; N]` there";
    for member in members {
        let ident = &member.ident;
        let message = format!("there is padding before the field `{ident}`: {repair}");
        checks.extend(quote_spanned! {at(ident.span())=>
            ::core::assert!(::core::mem::offset_of!(#name, #ident) == #end, #message);
        });
        let size = size(name, member);
        end = quote!(::core::mem::offset_of!(#name, #ident) + #size);
    }
    let message = format!("there is padding at the end of `{name}`: {repair}");
    quote_spanned! {at(name.span())=>
        const _: () = {
            // Another macro may have changed the struct since this one saw it.
            let _: fn(#name) = |#name { #(#idents: _),* }| {};
            #checks
            ::core::assert!(::core::mem::size_of::<#name>() == #end, #message);
            ::core::assert!(
                ::core::mem::size_of::<#name>() <= 0x7fff_ffff,
                "NumPy allows a record no more than 2147483647 bytes"
            );
        };
    }
}

fn size(name: &Ident, member: &Member) -> TokenStream {
    let read = read(name, member);
    match member.role {
        Role::Field { .. } => quote!(::savez::__private::size_of_field(#read)),
        Role::Padding => quote!(::savez::__private::size_of_padding(#read)),
    }
}

/// The field of the dtype that a member is.
fn field(name: &Ident, member: &Member) -> Option<TokenStream> {
    let Role::Field { name: key, title } = &member.role else { return None };
    let title = match title {
        Some(title) => quote!(::core::option::Option::Some(#title)),
        None => quote!(::core::option::Option::None),
    };
    let ident = &member.ident;
    let read = read(name, member);
    Some(quote! {
        ::savez::__private::field(#key, #title, ::core::mem::offset_of!(#name, #ident), #read)
    })
}

/// A function that reads a member, and so has its type.
fn read(name: &Ident, member: &Member) -> TokenStream {
    let ident = &member.ident;
    quote_spanned!(at(member.type_span)=> |__record: #name| __record.#ident)
}

/// Where an error is shown, without making it the user's code in the eyes of lints.
fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

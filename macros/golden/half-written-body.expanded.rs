//! What the macros make of `half-written-body.rs`.

fn create_token (id : u64) -> Token {
    :: tense :: __private :: run_as(
         {
            use :: tense :: __private :: ways :: *;
            (&& & :: tense :: __private :: Returned :: < Token > :: TYPE) . __tense_way ()
        }
        , {
            static SITE : :: tense :: __private :: Site = :: tense :: __private :: Site :: action (& SITE , :: core :: module_path ! () , "create_token" , "operation.tokens.created" , "operation.tokens.create_failed" , & ["id" , "__tense"]);
            & SITE
        }
        , move | __tense_call | -> Token {
            let id = id;
             {
                if __tense_call . is_on () {
                    __tense_call . begin (& [:: tense :: Field :: raw (& (id))]);
                }
                let foo = find (id);
                let x = foo .
            }
        }
        , | __tense_out | :: tense :: __private :: outcome :: Probe :: of (__tense_out) . __tense_outcome ()
    )
}
